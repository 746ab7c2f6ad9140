import { Buffer } from 'node:buffer';
import type { UserId } from '../ids.ts';
import type { Ids } from '../ports/ids.ts';
import type { Vault } from '../ports/vault.ts';
import { base32 } from './totp.ts';

const howMany = 10;
/** 80 bits: nobody finds such a code from its digest, which therefore needs no argon2. */
const bytes = 10;

/** New codes, `ABCD-EFGH-IJKL-MNOP`; they are shown once, and their digests are kept. */
export function newRecoveryCodes(
  { ids, vault }: { ids: Ids; vault: Vault },
  userId: UserId,
): { codes: string[]; digests: string[] } {
  const codes = Array.from({ length: howMany }, () => {
    const text = base32(Buffer.from(ids.secret(bytes), 'base64url'));
    return (text.match(/.{4}/g) ?? []).join('-');
  });
  return { codes, digests: codes.map((code) => recoveryDigest(vault, userId, code)) };
}

/** What is kept of a code; however it is typed. */
export function recoveryDigest(vault: Vault, userId: UserId, code: string): string {
  return vault.digest(`${userId} ${code.toUpperCase().replaceAll(/[^A-Z2-7]/g, '')}`);
}
