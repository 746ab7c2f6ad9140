import type { AccountId, LedgerEntryId, MessageId, SubmissionId } from '../ids.ts';
import type { Millicredits } from '../money.ts';

/**
 * One movement of an account's money. The balance is the sum of them, always: both are written in one
 * transaction, and `parlance doctor` adds them up.
 */
export interface LedgerEntry {
  id: LedgerEntryId;
  accountId: AccountId;
  at: number;
  /** Positive: given to the account. Negative: taken. */
  amount: Millicredits;
  kind: 'topup' | 'charge' | 'refund' | 'correction';
  /** What was charged for: one entry for all messages of a submission. */
  submissionId: SubmissionId | null;
  /** What was refunded. */
  messageId: MessageId | null;
  note: string | null;
}
