import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, MessageId, VerificationId } from '../ids.ts';

/**
 * A one-time password that was sent to a handset, to prove that somebody has it.
 *
 *   sent ──▶ success     the right code came in time
 *     ├────▶ failed      wrong ones were tried too often
 *     └────▶ cancelled   its account takes it back
 *
 * One that is still `sent` when its time is over has expired. Nothing leads out of an end.
 */
export type VerificationStatus = 'sent' | 'success' | 'failed' | 'cancelled';

export interface Verification {
  id: VerificationId;
  accountId: AccountId;
  number: E164;
  sender: string;
  /** The message that carried it. */
  messageId: MessageId;
  /** Digest of the code, bound to this verification. */
  code: string;
  triesLeft: number;
  status: VerificationStatus;
  clientRef: string | null;
  createdAt: number;
  expiresAt: number;
  doneAt: number | null;
}
