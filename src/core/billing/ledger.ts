import type { AccountId, LedgerEntryId, MessageId, ProductId, SubmissionId } from '../ids.ts';
import type { Millicredits } from '../money.ts';

/**
 * One movement of an account's money. A balance is the sum of its movements, always: both are written in one
 * transaction, and `parlance doctor` adds them up.
 */
export interface LedgerEntry {
  id: LedgerEntryId;
  accountId: AccountId;
  /** In whose purse it is; null: the account's own. */
  productId: ProductId | null;
  at: number;
  /** Positive: given to the account. Negative: taken. */
  amount: Millicredits;
  kind: 'topup' | 'charge' | 'refund' | 'correction' | 'transfer';
  /** What was charged for: one entry for all messages of a submission. */
  submissionId: SubmissionId | null;
  /** What was refunded. */
  messageId: MessageId | null;
  note: string | null;
  /** What its giver calls a gift: no two that came to one account are called the same. */
  orderRef: string | null;
}
