import type { Country } from '../../text/phone-number.ts';
import type { AccountId, SenderRequestId } from '../ids.ts';
import type { SenderKind } from './sender.ts';

/**
 * What an account asks for before it may show it.
 *
 *     open     a name, which the gateway's owner decides on  ──▶ approved | rejected
 *     pending  a handset's number, which a code proves that was sent to it  ──▶ approved
 *              (the owner may decide against it  ──▶ rejected)
 *
 * `approved` and `rejected` are ends; who was rejected may ask anew. Of one address an account has at most
 * one request that has not ended: asking again for a name is refused, asking again for a number replaces
 * the request, so that its code is void and a new one is sent.
 */
export const senderRequestStatuses = ['open', 'pending', 'approved', 'rejected'] as const;
export type SenderRequestStatus = (typeof senderRequestStatuses)[number];

export interface SenderRequest {
  id: SenderRequestId;
  accountId: AccountId;
  address: string;
  kind: Extract<SenderKind, 'alphanumeric' | 'own'>;
  status: SenderRequestStatus;
  label: string | null;
  /** As `Sender.countries` and `Sender.reason`. */
  countries: readonly Country[] | null;
  reason: string | null;
  /** How long the sender holds once it is proven, in milliseconds; null: for ever. */
  lifeMs: number | null;
  /** Digest of the code that proves it, and until when it does. */
  proof: string | null;
  proofUntil: number | null;
  /** How many wrong codes it still takes; null where a code is too long to be guessed. */
  triesLeft: number | null;
  createdAt: number;
  changedAt: number;
}
