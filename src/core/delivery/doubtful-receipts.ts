import type { MessageId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';
import { mayMovePart } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import { bearersOf } from './bearers.ts';
import type { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { names, namesNumber } from './receipt.ts';
import { settleParts } from './settle-parts.ts';

/*
 * Receipts whose id says too little: it may be read in several ways, or was used again. Of the parts that bear
 * one of the ids, the newest is meant whose message went to a number that the receipt names, or the newest that
 * bears the id itself, where it names none.
 *
 *   a part is meant, and may move ──────────────────────────────────────────────▶ applied
 *   it has had its end, as have those of its message with the same id ──parked──▶ for an answer, or a repetition
 *   none is meant, but some bear the id itself ──parked──▶ for an answer, or the newest is meant after all
 *   nobody bears the id ──parked──▶ for an answer
 *
 * The answer that gives a new message the id again comes within `answerTimeoutMs`, or not at all. Until then the
 * second and the third wait. That the newest is meant after all is for networks that write numbers in forms of
 * their own.
 */

interface Applied {
  /** Call `committed()` after the commit. */
  consequences: Consequences;
  /** For each receipt the id that its part was found under; null where none was found. */
  found: (string | null)[];
}

/** Within a transaction that has seen no answers yet: applies or parks them, while nobody else writes answers. */
export async function lookFurther(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Applied> {
  await tx.parkedReceipts.awaitAnswers([...new Set(news.map(({ linkId }) => linkId))]);
  return applyDoubtful(tx, news, context);
}

async function applyDoubtful(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Applied> {
  const { meanings, messages } = await meaningsOf(tx, news, context);
  const until = context.clock.now() + context.settings.answerTimeoutMs;
  await tx.parkedReceipts.insert(
    news.flatMap((receipt, at) => {
      const { part, newest, over } = meanings[at] as Meaning;
      if (part) return [];
      // The carrier writes its ids in one form: a newer answer would name that of the part that was meant.
      if (over !== null) return { ...receipt, upstreamId: over, otherIds: [], until };
      // Another reading of an id counts only where the number agrees: without one it cannot be found by it.
      const waiting = namesNumber(receipt) ? receipt : { ...receipt, otherIds: [] };
      return newest ? { ...waiting, until } : waiting;
    }),
  );
  const parts = meanings.map(({ part }) => part);
  const { consequences } = await settleParts(tx, { news, parts, messages }, context);
  return { consequences, found: meanings.map(({ id, over }) => id ?? over) };
}

/** The same of such as were parked, when their answer has come: who is not meant waits on, as long as before. */
export async function applyDoubtfulAgain(
  tx: Tx,
  news: readonly ReceiptNews[],
  context: DeliveryContext,
): Promise<Consequences> {
  const { meanings, messages } = await meaningsOf(tx, news, context);
  await tx.parkedReceipts.insert(
    news.filter((_, at) => meanings[at]?.part === undefined && meanings[at]?.over === null),
  );
  const parts = meanings.map(({ part }) => part);
  return (await settleParts(tx, { news, parts, messages }, context)).consequences;
}

const roundLimit = 500;

/** Receipts that have waited for an answer as long as one can take. @returns how many. */
export async function settleParked(context: DeliveryContext): Promise<number> {
  const { count, consequences } = await context.storage.write(async (tx) => {
    const news = await tx.parkedReceipts.overdue(context.clock.now(), roundLimit);
    if (news.length === 0) return { count: 0, consequences: null };
    const { meanings, messages } = await meaningsOf(tx, news, context);
    const parts = meanings.map(({ part, newest }) => part ?? newest);
    const settled = await settleParts(tx, { news, parts, messages }, context);
    return { count: news.length, consequences: settled.consequences };
  });
  consequences?.committed();
  return count;
}

/** What a receipt's ids lead to. */
interface Meaning {
  /** The part that it moves, and the id it was found under. */
  part: Part | undefined;
  id: string | null;
  /** The id of a part that is meant and has had its end. */
  over: string | null;
  /** The newest part that bears the id itself, when none is meant. */
  newest: Part | undefined;
}

/** A part is given to one of the receipts only; all messages are locked. */
async function meaningsOf(
  tx: Tx,
  news: readonly ReceiptNews[],
  { routing }: DeliveryContext,
): Promise<{ meanings: Meaning[]; messages: Map<MessageId, Message> }> {
  const keys = new Map(
    news.flatMap((receipt) =>
      idsOf(receipt).map((upstreamId) => {
        const key = { linkId: receipt.linkId, upstreamId };
        return [keyOf(key), key];
      }),
    ),
  );
  const rows = await bearersOf(tx, [...keys.values()], routing);
  const ids = [...new Set(rows.flat().map(({ messageId }) => messageId))];
  const messages = new Map((await tx.messages.lock(ids)).map((message) => [message.id, message]));
  // As they are now that their messages are locked.
  const current = new Map((await tx.parts.ofMessages(ids)).map((part) => [placeOf(part), part]));
  const bearers = new Map(
    [...keys.keys()].map((key, at) => [
      key,
      (rows[at] ?? []).flatMap((part) => current.get(placeOf(part)) ?? []),
    ]),
  );
  const taken = new Set<Part>();
  const meanings = news.map((receipt) => {
    const meaning = meaningOf(receipt, { bearers, messages, taken });
    if (meaning.part) taken.add(meaning.part);
    return meaning;
  });
  return { meanings, messages };
}

function meaningOf(
  receipt: ReceiptNews,
  known: {
    bearers: ReadonlyMap<string, readonly Part[]>;
    messages: ReadonlyMap<MessageId, Message>;
    taken: ReadonlySet<Part>;
  },
): Meaning {
  const { linkId, status } = receipt;
  const partsBy = (upstreamId: string) => known.bearers.get(keyOf({ linkId, upstreamId })) ?? [];
  const named = namesNumber(receipt);
  const none: Meaning = { part: undefined, id: null, over: null, newest: undefined };
  let over: string | null = null;
  for (const id of idsOf(receipt)) {
    const parts = partsBy(id);
    const newest = parts.find(({ messageId }) =>
      named
        ? names(receipt, known.messages.get(messageId)?.destination)
        : id === receipt.upstreamId,
    );
    if (!newest) continue;
    // Networks that take a long message for one give one id to all its parts.
    const part = parts.find(
      (one) =>
        one.messageId === newest.messageId &&
        !known.taken.has(one) &&
        mayMovePart(one.status, status),
    );
    if (part) return { ...none, part, id };
    over ??= id;
  }
  return over === null ? { ...none, newest: partsBy(receipt.upstreamId)[0] } : { ...none, over };
}

function idsOf({ upstreamId, otherIds = [] }: ReceiptNews): string[] {
  return [upstreamId, ...otherIds];
}

function keyOf({ linkId, upstreamId }: Pick<ReceiptNews, 'linkId' | 'upstreamId'>): string {
  return `${linkId}\0${upstreamId}`;
}

function placeOf({ messageId, number }: Part): string {
  return `${messageId} ${number}`;
}
