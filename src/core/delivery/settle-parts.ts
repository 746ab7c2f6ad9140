import type { MessageId } from '../ids.ts';
import { lonePart } from '../messages/lone-part.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import { mayMove, mayMovePart, messageStatusOf } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { endBy } from './receipt.ts';

/**
 * Writes down what the receipts say of these parts, whose messages are locked.
 * @returns `over`: receipts of parts that have had their end; they have changed nothing. Call `committed()` of the
 * consequences after the commit.
 */
export async function settleParts(
  tx: Tx,
  given: {
    news: readonly ReceiptNews[];
    /** Of each receipt. */
    parts: readonly (Part | undefined)[];
    messages: ReadonlyMap<MessageId, Message>;
  },
  context: DeliveryContext,
): Promise<{ consequences: Consequences; over: ReceiptNews[] }> {
  const { news, messages } = given;
  const views = await context.directory.views(
    [...messages.values()].map((message) => message.accountId),
  );
  const consequences = new Consequences(context, views);
  const partsOf = await partsByMessage(tx, [...messages.values()]);

  const over: ReceiptNews[] = [];
  const changedParts: Part[] = [];
  const changed = new Map<MessageStatus, Map<MessageId, Message>>();
  news.forEach((receipt, index) => {
    const match = given.parts[index];
    const message = match && messages.get(match.messageId);
    if (!match || !message) return;
    const parts = partsOf.get(message.id) ?? [];
    const part = parts.find((one) => one.number === match.number);
    if (!part) return;
    if (!mayMovePart(part.status, receipt.status)) {
      over.push(receipt);
      return;
    }
    part.status = receipt.status;
    part.error = receipt.status === 'delivered' ? null : receipt.detail;
    part.doneAt = receipt.at;
    if (message.upstreamId === null) changedParts.push(part);

    const before = message.status;
    const after = messageStatusOf(parts.map((one) => one.status));
    consequences.partMoved(message, part, receipt);
    if (after !== 'sent' && mayMove(before, after)) {
      endBy(message, after, receipt);
      const rows = changed.get(before) ?? new Map<MessageId, Message>();
      changed.set(before, rows.set(message.id, message));
      consequences.moved(message, receipt.at, after === 'delivered' ? null : 'undelivered');
    }
  });

  if (changedParts.length > 0) await tx.parts.settle(changedParts);
  for (const [from, rows] of changed) await tx.messages.save([...rows.values()], { from });
  await consequences.write(tx);
  return { consequences, over };
}

/** All parts of each message, as they are now that it is locked. */
async function partsByMessage(
  tx: Tx,
  messages: readonly Message[],
): Promise<Map<MessageId, Part[]>> {
  const byMessage = new Map<MessageId, Part[]>();
  const others: MessageId[] = [];
  for (const message of messages) {
    const lone = message.upstreamId === null ? undefined : lonePart(message);
    if (lone) byMessage.set(message.id, [lone]);
    else others.push(message.id);
  }
  if (others.length === 0) return byMessage;
  for (const part of await tx.parts.ofMessages(others)) {
    const siblings = byMessage.get(part.messageId);
    if (siblings) siblings.push(part);
    else byMessage.set(part.messageId, [part]);
  }
  return byMessage;
}
