import type { AccountId, SenderId } from '../ids.ts';

/**
 * - `dedicated`: a number that is this account's alone; replies to it are the account's.
 * - `shared`: an address several accounts show; a reply belongs to who wrote to that handset last.
 * - `alphanumeric`: a registered name.
 * - `own`: the owner's own handset number, proven by a code sent to it.
 */
export const senderKinds = ['dedicated', 'shared', 'alphanumeric', 'own'] as const;
export type SenderKind = (typeof senderKinds)[number];

/** A source address that an account may show. */
export interface Sender {
  id: SenderId;
  accountId: AccountId;
  /** Exactly as clients name it: `CompanyABC`, `61412345699`. */
  address: string;
  kind: SenderKind;
  status: 'active' | 'pending';
  label: string | null;
  /** Digest of the code that makes a pending one active. */
  proof: string | null;
  createdAt: number;
}

/**
 * The form in which addresses are compared: a number loses its plus sign, a name its case, so that
 * `+61412345699` and `61412345699` are one sender.
 */
export function senderKey(address: string): string {
  return /^\+?\d{3,15}$/.test(address) ? address.replace('+', '') : address.toLowerCase();
}
