import type { MessageId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import { mayMove, mayMovePart, messageStatusOf } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { agrees, endBy, names, namesNumber } from './receipt.ts';
import { settleRecent } from './settle-recent.ts';

/**
 * Records receipts, many in one transaction. One that names no part we know of is parked: the answer
 * that gives its part this id may still be on its way.
 *
 * A receipt whose id finds no part, or one that is over, but may be read in another way, or finds the part
 * of another handset, is `doubtful`. That is rare, and a second transaction looks further for it.
 *
 * @returns for each the id that its part was found under, null where it is parked.
 */
export async function recordReceipts(
  context: DeliveryContext,
  take: () => readonly ReceiptNews[],
): Promise<readonly (string | null)[]> {
  const { news, recent, others, applied } = await context.storage.write(async (tx) => {
    const taken = take();
    const settled = await settleRecent(tx, taken, context);
    const rest = settled ? taken.filter((receipt) => !settled.receipts.has(receipt)) : taken;
    return {
      news: taken,
      recent: settled,
      others: rest,
      applied: rest.length > 0 ? await applyReceipts(tx, rest, context) : null,
    };
  });
  recent?.consequences.committed();
  applied?.consequences.committed();
  for (const receipt of news) context.recent.forget(receipt);
  if (!applied) return news.map(({ upstreamId }) => upstreamId);
  const found = new Map(others.map((receipt, at) => [receipt, applied.found[at] ?? null]));
  if (applied.doubtful.size > 0) {
    const doubtful = [...applied.doubtful];
    const settled = await context.storage.write((tx) => applyDoubtful(tx, doubtful, context));
    settled.consequences.committed();
    doubtful.forEach((receipt, at) => found.set(receipt, settled.found[at] ?? null));
  }
  return news.map((receipt) => {
    const id = found.get(receipt);
    return id === undefined ? receipt.upstreamId : id;
  });
}

interface Applied {
  /** Call `committed()` after the commit. */
  consequences: Consequences;
  /** For each receipt the id that its part was found under. */
  found: (string | null)[];
  /** Neither applied nor parked. */
  doubtful: ReadonlySet<ReceiptNews>;
}

/** The same within a transaction. */
export async function applyReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Applied> {
  const parts = await partsOfReceipts(tx, news);
  const ids = [...new Set(parts.flatMap((part) => (part ? [part.messageId] : [])))];
  const messages = new Map((await tx.messages.lock(ids)).map((message) => [message.id, message]));
  const doubtful = new Set<ReceiptNews>();
  const found = news.map((receipt, at) => {
    const part = parts[at];
    const message = part && messages.get(part.messageId);
    const isMeant = message && agrees(receipt, message.destination);
    if (isMeant && !(isOver(part, receipt) && mayMeanAnother(receipt))) return receipt.upstreamId;
    if (message || mayMeanAnother(receipt)) {
      doubtful.add(receipt);
      parts[at] = undefined;
    }
    return null;
  });
  const consequences = await settle(tx, { news, parts, messages }, context);
  return { consequences, found, doubtful };
}

/**
 * Receipts whose id may be read in several ways, or was used again. Of all parts that bear one of the
 * ids, the newest whose message went to a number that the receipt names, one that is not over before
 * others; else the newest that bears the id itself, since some networks write numbers in forms of their own; else it is parked under all of them.
 */
async function applyDoubtful(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Pick<Applied, 'consequences' | 'found'>> {
  await tx.parkedReceipts.awaitAnswers([...new Set(news.map(({ linkId }) => linkId))]);
  const keys = news.flatMap((receipt) =>
    idsOf(receipt).map((upstreamId) => ({ linkId: receipt.linkId, upstreamId })),
  );
  const bearers = await tx.parts.allByUpstream(keys);
  const ids = [...new Set(bearers.flat().map((part) => part.messageId))];
  const messages = new Map((await tx.messages.lock(ids)).map((message) => [message.id, message]));

  const rows = bearers.values();
  const parts: (Part | undefined)[] = [];
  const found = news.map((receipt) => {
    const byId = idsOf(receipt).map((id) => ({ id, parts: rows.next().value ?? [] }));
    const named = byId.flatMap(({ id, parts: bearing }) =>
      bearing
        .filter(({ messageId }) => names(receipt, messages.get(messageId)?.destination))
        .map((part) => ({ id, part })),
    );
    const meant = named.find(({ part }) => !isOver(part, receipt)) ?? named[0];
    if (meant) {
      parts.push(meant.part);
      return meant.id;
    }
    const [newest] = byId[0]?.parts ?? [];
    parts.push(newest);
    return newest ? receipt.upstreamId : null;
  });
  const parked = news.filter((_, at) => found[at] === null);
  // Another reading of an id counts only where the number agrees: without one it cannot be found by it.
  await tx.parkedReceipts.insert(
    parked.map((receipt) => (namesNumber(receipt) ? receipt : { ...receipt, otherIds: [] })),
  );
  return { consequences: await settle(tx, { news, parts, messages }, context), found };
}

function idsOf({ upstreamId, otherIds = [] }: ReceiptNews): string[] {
  return [upstreamId, ...otherIds];
}

function mayMeanAnother({ otherIds }: ReceiptNews): boolean {
  return otherIds !== undefined && otherIds.length > 0;
}

/** Nothing that the receipt says can move it: it was said before, or means another. */
function isOver(part: Part | undefined, { status }: ReceiptNews): boolean {
  return part !== undefined && !mayMovePart(part.status, status);
}

/** Writes down what the receipts say of these parts, whose messages are locked. */
async function settle(
  tx: Tx,
  given: {
    news: readonly ReceiptNews[];
    /** Of each receipt. */
    parts: readonly (Part | undefined)[];
    messages: ReadonlyMap<MessageId, Message>;
  },
  context: DeliveryContext,
): Promise<Consequences> {
  const { news, messages } = given;
  const views = await context.directory.views(
    [...messages.values()].map((message) => message.accountId),
  );
  const consequences = new Consequences(context, views);
  const partsOf = await partsByMessage(tx, [...messages.values()]);

  const changedParts: Part[] = [];
  const changed = new Map<MessageStatus, Map<MessageId, Message>>();
  news.forEach((receipt, index) => {
    const match = given.parts[index];
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
      endBy(message, after, receipt);
      const rows = changed.get(before) ?? new Map<MessageId, Message>();
      changed.set(before, rows.set(message.id, message));
      consequences.moved(message, receipt.at, after === 'delivered' ? null : 'undelivered');
    }
  });

  if (changedParts.length > 0) await tx.parts.settle(changedParts);
  for (const [from, rows] of changed) await tx.messages.save([...rows.values()], { from });
  await consequences.write(tx);
  return consequences;
}

/**
 * The newest part of each receipt's id. Where there is none, and the id can be read in no other way, the
 * receipt is parked, unless the answer that names it is being written at this very moment: whoever
 * writes it has looked for parked receipts already, or waits until ours can be seen.
 */
async function partsOfReceipts(
  tx: Tx,
  news: readonly ReceiptNews[],
): Promise<(Part | undefined)[]> {
  const found = await tx.parts.byUpstream(news);
  const early = news.filter((one, index) => found[index] === undefined && !mayMeanAnother(one));
  if (early.length === 0) return found;
  await tx.parkedReceipts.awaitAnswers(early.map(({ linkId }) => linkId));
  const named = await tx.parts.byUpstream(early);
  await tx.parkedReceipts.insert(early.filter((_, index) => named[index] === undefined));
  const next = named.values();
  return found.map((part, at) => {
    if (part || mayMeanAnother(news[at] as ReceiptNews)) return part;
    return next.next().value;
  });
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
