import type { Country } from '../../text/phone-number.ts';
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
  label: string | null;
  /** What its account keeps with it. */
  metadata: Readonly<Record<string, string>> | null;
  /** For which countries its account asked for it, and why, in its own words; null where nobody asked. */
  countries: readonly Country[] | null;
  reason: string | null;
  createdAt: number;
  changedAt: number;
  /** From then on it is not shown until it is proven again; null: never. */
  expiresAt: number | null;
}

/** What is known of a sender at first when nothing is said of it. */
export const plainSender = {
  label: null,
  metadata: null,
  countries: null,
  reason: null,
  expiresAt: null,
} as const satisfies Partial<Sender>;

/** May it be shown at this instant? */
export function isUsable({ expiresAt }: Pick<Sender, 'expiresAt'>, now: number): boolean {
  return expiresAt === null || now < expiresAt;
}

/**
 * The form in which addresses are compared: a number loses its plus sign, a name its case, so that
 * `+61412345699` and `61412345699` are one sender.
 */
export function senderKey(address: string): string {
  return /^\+?\d{3,15}$/.test(address) ? address.replace('+', '') : address.toLowerCase();
}
