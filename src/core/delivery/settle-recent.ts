import type { Message, Part } from '../messages/message.ts';
import { messageStatusOf } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { agrees, endBy } from './receipt.ts';

/** What `settleRecent` has written down. */
export interface Settled {
  /** Call `committed()` after the commit. */
  consequences: Consequences;
  /** Of which receipts; the others are to be looked up. */
  receipts: ReadonlySet<ReceiptNews>;
}

/**
 * Records the receipts of messages that this node remembers, without reading anything. Of two receipts for one
 * message the second is not among them, nor is one for a message that was changed meanwhile: by an expiry, by
 * another node, by its account that erased it.
 *
 * Measured end to end on SQLite: three look-ups are 8 of 49 µs that all statements of a message take, and their rows more.
 */
export async function settleRecent(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Settled | null> {
  const wanted = new Map<Message, ReceiptNews>();
  for (const receipt of news) {
    const message = context.recent.find(receipt);
    if (message && !wanted.has(message) && agrees(receipt, message.destination)) {
      wanted.set(message, receipt);
    }
  }
  if (wanted.size === 0) return null;

  const ended = new Map<Message, Message>();
  for (const [message, receipt] of wanted) {
    const after = messageStatusOf([receipt.status]);
    if (after !== 'sent') ended.set(message, endBy({ ...message }, after, receipt));
  }
  const written = await tx.messages.settle([...ended.values()]);
  const accounts = [...wanted.keys()].map(({ accountId }) => accountId);
  const consequences = new Consequences(context, await context.directory.views(accounts));
  const parts: Part[] = [];
  const receipts = new Set<ReceiptNews>();
  for (const [message, after] of ended) {
    if (!written.has(message.id)) continue;
    const receipt = wanted.get(message) as ReceiptNews;
    const delivered = receipt.status === 'delivered';
    receipts.add(receipt);
    const part: Part = {
      messageId: message.id,
      number: 1,
      linkId: message.linkId ?? receipt.linkId,
      upstreamId: receipt.upstreamId,
      status: receipt.status,
      error: delivered ? null : receipt.detail,
      sentAt: message.sentAt ?? receipt.at,
      doneAt: receipt.at,
    };
    parts.push(part);
    consequences.partMoved(message, part, receipt);
    consequences.moved(after, receipt.at, delivered ? null : 'undelivered');
  }
  await tx.parts.settle(parts);
  await consequences.write(tx);
  return { consequences, receipts };
}
