import type { SenderRequestId } from '../ids.ts';
import type { Ids } from '../ports/ids.ts';
import type { Vault } from '../ports/vault.ts';

/**
 * What proves that somebody has a handset in his hand, sent there by SMS: a `link`, whose code nobody can
 * guess and which is opened, or a `code` of six digits, which is typed in where it was asked for.
 */
export type Proof = 'link' | 'code';

/**
 * For how long it can be used, and how many wrong ones are taken. Of a million codes five for each of the three
 * that a number gets in an hour: one chance in 66 000 an hour, and the handset hears of each.
 */
export const proofs: Record<Proof, { lifeMs: number; tries: number | null }> = {
  link: { lifeMs: 24 * 3_600_000, tries: null },
  code: { lifeMs: 3_600_000, tries: 5 },
};

const digits = 6;

export function newCode(proof: Proof, ids: Ids): string {
  if (proof === 'link') return ids.secret(18);
  // Of 2^48 numbers; what is left over by the division favours no code by more than one in 10^8.
  const number = Buffer.from(ids.secret(6), 'base64url').readUIntBE(0, 6);
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** What is kept of a code. A short one is bound to its request, so that equal ones differ. */
export function digestOf(vault: Vault, code: string, request: SenderRequestId | null): string {
  return vault.digest(request === null ? code : `${request} ${code}`);
}
