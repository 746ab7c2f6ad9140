import type { RefundPolicy } from '../accounts/account.ts';
import type { AccountId, MessageId, PurseId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { Ids } from '../ports/ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { LedgerEntry } from './ledger.ts';

/**
 * Writes ledger entries and the balances that follow from them. For entries that are always allowed;
 * charging, which may be refused, is in `messages/accept.ts`.
 */
export async function moveMoney(tx: Tx, entries: readonly LedgerEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const balances = await tx.accounts.lockBalances([...new Set(entries.map(purseOf))]);
  for (const entry of entries) {
    const purse = purseOf(entry);
    const balance = balances.get(purse);
    if (balance === undefined) throw new Error(`no purse ${purse} to book on`);
    balances.set(purse, millicredits(balance + entry.amount));
  }
  await tx.accounts.setBalances(balances);
  await tx.ledger.insert(entries);
}

function purseOf({ accountId, productId }: LedgerEntry): PurseId {
  return productId ?? accountId;
}

/** How a message ended, as far as its price is concerned. */
export type UnhappyEnd =
  /** Taken back by its owner before it was sent: always refunded. */
  | 'cancelled'
  /** It never reached the network. */
  | 'unsent'
  /** The network took it and could not deliver it. */
  | 'undelivered';

/** What the account's policy gives back for it; 0 for nothing. */
export function refundFor(
  end: UnhappyEnd,
  policy: RefundPolicy,
  price: Millicredits,
): Millicredits {
  const due =
    end === 'cancelled' || policy === 'undelivered' || (policy === 'unsent' && end === 'unsent');
  return due ? price : millicredits(0);
}

/** The ledger's words for it. */
export function refundEntry(
  message: Pick<Message, 'id' | 'accountId' | 'submissionId' | 'productId'>,
  amount: Millicredits,
  why: string,
  made: { ids: Ids; now: number },
): LedgerEntry & { accountId: AccountId; messageId: MessageId } {
  return {
    id: made.ids.next(),
    accountId: message.accountId,
    productId: message.productId,
    at: made.now,
    amount,
    kind: 'refund',
    submissionId: message.submissionId,
    messageId: message.id,
    note: why,
    orderRef: null,
  };
}
