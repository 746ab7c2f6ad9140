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
  /** For each receipt the id that its part was found under. */
  found: (string | null)[];
  /** Neither applied nor parked. */
  doubtful: ReadonlySet<ReceiptNews>;
}

/**
 * Writes down receipts, many in one transaction. One that names no part we know of is parked: the answer
 * that gives its part this id may still be on its way.
 *
 * `doubtful` is a receipt whose id finds no part, but may be read in another way, or finds the part of another
 * handset, or one that has had its end. That is rare, and a second transaction looks further for it
 * (`doubtful-receipts.ts`).
 */
export async function applyReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Applied> {
  const bearers = await bearersOfReceipts(tx, news, context);
  const messages = await messagesOf(tx, bearers);
  const parts = bearers.map((one) => one?.part);
  const doubtful = new Set<ReceiptNews>();
  const found = news.map((receipt, at) => {
    const part = parts[at];
    const message = part && messages.get(part.messageId);
    if (message && agrees(receipt, message.destination)) return receipt.upstreamId;
    if (message || mayMeanAnother(receipt)) {
      doubtful.add(receipt);
      parts[at] = undefined;
    }
    return null;
  });
  const { consequences, over } = await settleParts(tx, { news, parts, messages }, context);
  for (const receipt of over) doubtful.add(receipt);
  return { consequences, found, doubtful };
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

function mayMeanAnother({ otherIds }: ReceiptNews): boolean {
  return otherIds !== undefined && otherIds.length > 0;
}

/**
 * The newest part of each receipt's id. Where there is none, and the id can be read in no other way, the
 * receipt is parked, unless the answer that names it is being written at this very moment: whoever
 * writes it has looked for parked receipts already, or waits until ours can be seen.
 */
async function bearersOfReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
  { routing }: DeliveryContext,
): Promise<(Bearer | undefined)[]> {
  const found = await newestBearers(tx, news, routing);
  const early = news.filter((one, index) => found[index] === undefined && !mayMeanAnother(one));
  if (early.length === 0) return found;
  await tx.parkedReceipts.awaitAnswers(early.map(({ linkId }) => linkId));
  const named = await newestBearers(tx, early, routing);
  await tx.parkedReceipts.insert(early.filter((_, index) => named[index] === undefined));
  const next = named.values();
  return found.map((part, at) => {
    if (part || mayMeanAnother(news[at] as ReceiptNews)) return part;
    return next.next().value;
  });
}
