import type { MessageId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { Bearer, Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { newestBearers } from './bearers.ts';
import type { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { agrees } from './receipt.ts';
import { settleParts } from './settle-parts.ts';

interface Applied {
  /** Call `committed()` after the commit. */
  consequences: Consequences;
  /** What was found: the receipt, and the id that its part was found under. */
  found: ReadonlyMap<ReceiptNews, string>;
  /** Their ids name no part that is known. */
  missed: readonly ReceiptNews[];
  /** Their ids find the part of another handset, or one that has had its end. */
  doubtful: readonly ReceiptNews[];
}

/**
 * Writes down receipts, many in one transaction, each for the newest part of its id. What is `missed` or `doubtful` has
 * changed nothing: `lookFurther` looks in every way, and parks what it does not find.
 * @param isAnswered whether an answer that is not written down yet gives this id. A receipt of it is not for a message that
 * was given up because it never had any.
 */
export async function applyReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
  isAnswered: (upstreamId: string) => boolean = () => false,
): Promise<Applied> {
  const bearers = await newestBearers(tx, news, context.routing);
  const messages = await messagesOf(tx, bearers);
  const found = new Map<ReceiptNews, string>();
  const missed: ReceiptNews[] = [];
  const doubtful: ReceiptNews[] = [];
  const parts = news.map((receipt, at) => {
    const part = bearers[at]?.part;
    const message = part && messages.get(part.messageId);
    if (!message || (message.status === 'unknown' && isAnswered(receipt.upstreamId))) {
      missed.push(receipt);
    } else if (!agrees(receipt, message.destination)) doubtful.push(receipt);
    else {
      found.set(receipt, receipt.upstreamId);
      return part;
    }
    return undefined;
  });
  const { consequences, over } = await settleParts(tx, { news, parts, messages }, context);
  for (const receipt of over) {
    found.delete(receipt);
    doubtful.push(receipt);
  }
  return { consequences, found, missed, doubtful };
}

/** Their messages, each once and locked. */
async function messagesOf(
  tx: Tx,
  bearers: readonly (Bearer | undefined)[],
): Promise<Map<MessageId, Message>> {
  const messages = new Map<MessageId, Message>();
  const others = new Set<MessageId>();
  for (const bearer of bearers) {
    if (!bearer) continue;
    const { part, message } = bearer;
    if (!message) others.add(part.messageId);
    else if (!messages.has(message.id)) messages.set(message.id, message);
  }
  if (others.size > 0) {
    for (const message of await tx.messages.lock([...others])) messages.set(message.id, message);
  }
  return messages;
}
