import type { DeliveryErrorCode } from '../errors.ts';
import type { MessageId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import { mayMove, mayMovePart, messageStatusOf } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';

/**
 * Records receipts, many in one transaction. One that names no part we know of is parked: the answer
 * that gives its part this id may still be on its way.
 */
export async function recordReceipts(
  context: DeliveryContext,
  take: () => readonly ReceiptNews[],
): Promise<readonly ReceiptNews[]> {
  const { news, consequences } = await context.storage.write(async (tx) => {
    const taken = take();
    return { news: taken, consequences: await applyReceipts(tx, taken, context) };
  });
  consequences.committed();
  return news;
}

/** The same within a transaction; call `committed()` on what it gives after the commit. */
export async function applyReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Consequences> {
  const found = await partsOfReceipts(tx, news);

  const ids = [...new Set(found.flatMap((part) => (part ? [part.messageId] : [])))];
  const messages = new Map((await tx.messages.lock(ids)).map((message) => [message.id, message]));
  const views = await context.directory.views(
    [...messages.values()].map((message) => message.accountId),
  );
  const consequences = new Consequences(context, views);
  const partsOf = await partsByMessage(tx, [...messages.values()]);

  const changedParts: Part[] = [];
  const changed = new Map<MessageStatus, Map<MessageId, Message>>();
  news.forEach((receipt, index) => {
    const match = found[index];
    const message = match && messages.get(match.messageId);
    if (!match || !message) return;
    const parts = partsOf.get(message.id) ?? [];
    const part = parts.find((one) => one.number === match.number);
    if (!part || !mayMovePart(part.status, receipt.status)) return;
    part.status = receipt.status;
    part.error = receipt.status === 'delivered' ? null : receipt.detail;
    part.doneAt = receipt.at;
    changedParts.push(part);

    const before = message.status;
    const after = messageStatusOf(parts.map((one) => one.status));
    consequences.partMoved(message, part.number, receipt.status === 'delivered', receipt.at);
    if (after !== 'sent' && mayMove(before, after)) {
      message.status = after;
      message.error = errorOf[after];
      message.errorDetail = after === 'delivered' ? null : receipt.detail;
      message.doneAt = receipt.at;
      message.dueAt = receipt.at;
      message.lockedBy = null;
      const rows = changed.get(before) ?? new Map<MessageId, Message>();
      changed.set(before, rows.set(message.id, message));
      consequences.moved(message, receipt.at, after === 'delivered' ? null : 'undelivered');
    }
  });

  if (changedParts.length > 0) await tx.parts.save(changedParts);
  for (const [from, rows] of changed) await tx.messages.save([...rows.values()], { from });
  await consequences.write(tx);
  return consequences;
}

/**
 * The part of each receipt. Where there is none its receipt is parked, unless the answer that names it
 * is being written at this very moment: whoever writes it has looked for parked receipts already, or
 * waits until ours can be seen.
 */
async function partsOfReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
): Promise<(Part | undefined)[]> {
  const found = await tx.parts.byUpstream(news);
  const early = news.filter((_, index) => found[index] === undefined);
  if (early.length === 0) return found;
  await tx.parkedReceipts.awaitAnswers(early.map(({ linkId }) => linkId));
  const named = await tx.parts.byUpstream(early);
  await tx.parkedReceipts.insert(early.filter((_, index) => named[index] === undefined));
  const next = named.values();
  return found.map((part) => part ?? next.next().value);
}

/** All parts of each message, as they are now that it is locked. */
async function partsByMessage(
  tx: Tx,
  messages: readonly Message[],
): Promise<Map<MessageId, Part[]>> {
  const byMessage = new Map<MessageId, Part[]>();
  for (const part of await tx.parts.ofMessages(messages.map(({ id }) => id))) {
    const siblings = byMessage.get(part.messageId);
    if (siblings) siblings.push(part);
    else byMessage.set(part.messageId, [part]);
  }
  return byMessage;
}

const errorOf: Record<
  Exclude<ReturnType<typeof messageStatusOf>, 'sent'>,
  DeliveryErrorCode | null
> = {
  delivered: null,
  failed: 'undeliverable',
  expired: 'validity_expired',
  rejected: 'rejected_by_network',
};
