import type { E164 } from '../../text/phone-number.ts';
import { mergeCallers } from '../batch.ts';
import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { ErrorCode } from '../errors.ts';
import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { neverSent } from './build.ts';
import type { Gathered, Gathering, GatheringKey } from './gathering.ts';
import { digestOf } from './gathering.ts';
import type { Message } from './message.ts';

/** A piece, and what it belongs to. */
export type Gather = Pick<Gathering, 'accountId' | 'key' | 'total'> & Gathered;

export type GatherOutcome =
  /** It is on disk. */
  | { kind: 'gathered'; id: MessageId }
  /** With it the message is whole: it is not on disk until the message is. `before` are the others. */
  | { kind: 'whole'; id: MessageId; before: readonly Gathered[] }
  /** The account has too many messages that are not whole. */
  | { kind: 'full' };

/** Messages of one account that may be incomplete at once. */
const mostOfAnAccount = 10_000;
/** How long what is done is remembered: a time-out (Kannel's is a minute) and a new bind. */
const rememberedMs = 120_000;
const forgetLimit = 1_000;
/** Pieces that share a transaction. */
const mergeLimit = 500;

/**
 * Gathers pieces, those of many messages in one transaction, and those of one message one after the
 * other: clients use a key again as soon as they believe that its message is whole, and by then it is.
 */
export class Gatherer {
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #write: (piece: Gather) => Promise<GatherOutcome>;

  constructor(context: Pick<DeliveryContext, 'storage' | 'clock' | 'ids'>) {
    this.#write = mergeCallers((take: () => Gather[]) => writePieces(context, take), mergeLimit);
  }

  /**
   * @param settle what the piece is answered, once it is known what it makes of the message. Nothing
   * else happens under this key on this node meanwhile.
   */
  gather<T>(piece: Gather, settle: (outcome: GatherOutcome) => T | Promise<T>): Promise<T> {
    const name = nameOf(piece);
    const turn = (async () => {
      await this.#turns.get(name)?.catch(() => {});
      return settle(await this.#write(piece));
    })();
    this.#turns.set(name, turn);
    const leave = (): void => {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  }
}

/** Takes pieces of different messages. One that is repeated is on disk already, in pieces or as a message. */
async function writePieces(
  { storage, clock, ids }: Pick<DeliveryContext, 'storage' | 'clock' | 'ids'>,
  take: () => readonly Gather[],
): Promise<GatherOutcome[]> {
  return storage.write(async (tx) => {
    const given = take();
    const known = await tx.gatherings.lock(given);
    const now = clock.now();
    const room = new Map<AccountId, number>();
    const fresh: Gathering[] = [];
    const grown: Gathering[] = [];
    const over: Gathering[] = [];
    const past: Gathering[] = [];
    const outcomes: GatherOutcome[] = [];
    for (const [at, { number, content, ...which }] of given.entries()) {
      const piece = { number, content };
      const gathering = known[at];
      const use = useOf(gathering, piece, now);
      if (gathering && use === 'repeated') {
        if (gathering.doneAt !== null) grown.push(heardAgain(gathering, piece));
        outcomes.push({ kind: 'gathered', id: gathering.id });
        continue;
      }
      if (gathering && use === 'last') {
        outcomes.push({ kind: 'whole', id: gathering.id, before: gathering.pieces });
        continue;
      }
      if (gathering && use === 'further') {
        grown.push({ ...gathering, pieces: [...gathering.pieces, piece] });
        outcomes.push({ kind: 'gathered', id: gathering.id });
        continue;
      }
      const { accountId } = which;
      const left =
        room.get(accountId) ??
        mostOfAnAccount - (await tx.gatherings.count(accountId, mostOfAnAccount));
      room.set(accountId, left - 1);
      if (left <= 0) {
        outcomes.push({ kind: 'full' });
        continue;
      }
      if (gathering) (gathering.doneAt === null ? over : past).push(gathering);
      const id = ids.next<MessageId>();
      const before = gathering ? sharedWith(gathering, number, now) : [];
      const isWhole = before.length + 1 === which.total;
      const pieces = isWhole ? before : [...before, piece];
      fresh.push({ ...which, id, pieces, createdAt: now, doneAt: null, digests: [] });
      outcomes.push(isWhole ? { kind: 'whole', id, before } : { kind: 'gathered', id });
    }
    await tx.gatherings.remove([...over, ...past]);
    await tx.gatherings.save(grown);
    await tx.gatherings.insert([...over.map(setAside), ...fresh]);
    return outcomes;
  });
}

/** What a piece is to what is known under its key. */
function useOf(
  gathering: Gathering | undefined,
  piece: Gathered,
  now: number,
): 'repeated' | 'further' | 'last' | 'of another' {
  if (!gathering) return 'of another';
  const { pieces, total, digests } = gathering;
  if (gathering.doneAt !== null) {
    const isSame = digests[piece.number - 1] === digestOf(piece);
    return isSame && isRemembered(gathering, now) ? 'repeated' : 'of another';
  }
  const before = pieces.find(({ number }) => number === piece.number);
  // With other content the client has begun to count anew.
  if (before) return digestOf(before) === digestOf(piece) ? 'repeated' : 'of another';
  return pieces.length + 1 === total ? 'last' : 'further';
}

/** Is it so short ago that it was done that a piece may come again for want of an answer? */
function isRemembered({ doneAt }: Gathering, now: number): boolean {
  return doneAt !== null && now - doneAt < rememberedMs;
}

/** When all have come again, that was all: what follows is counted anew. */
function heardAgain(done: Gathering, piece: Gathered): Gathering {
  const pieces = [...done.pieces.filter(({ number }) => number !== piece.number), piece];
  return { ...done, pieces: pieces.length === done.total ? [] : pieces };
}

/**
 * What another message under the key of one that is done begins with. Two messages of a client that always
 * counts the same may begin alike: their first pieces look like ones that came again, until one comes that
 * differs. Those in front of it are its own then; those behind it were sent again, for pieces come in order.
 */
function sharedWith(done: Gathering, number: number, now: number): Gathered[] {
  return isRemembered(done, now) ? done.pieces.filter((piece) => piece.number < number) : [];
}

/** Under another key, where the next sweep finds it and ends it. */
function setAside(gathering: Gathering): Gathering {
  return { ...gathering, key: `${gathering.key} ${gathering.id}`, createdAt: 0 };
}

/** What becomes of a gathering that will not be whole, or that was refused when it was. */
export interface Abandoned
  extends GatheringKey,
    Pick<Message, 'id' | 'sender' | 'text' | 'extras'> {
  destination: E164;
  channel: string;
  status: Extract<Message['status'], 'expired' | 'rejected'>;
  error: ErrorCode;
  detail: string;
}

/**
 * Ends gatherings: a message is written down for each, which costs nothing, and its client is told.
 * Those that somebody else has ended meanwhile are left alone.
 */
export async function abandonGatherings(
  context: DeliveryContext,
  abandoned: readonly Abandoned[],
): Promise<void> {
  const consequences = await context.storage.write(async (tx) => {
    const found = await tx.gatherings.lock(abandoned);
    const ended = abandoned.filter(
      ({ id }, at) => found[at]?.id === id && found[at]?.doneAt === null,
    );
    const views = await context.directory.views(ended.map(({ accountId }) => accountId));
    const made = new Consequences(context, views);
    const now = context.clock.now();
    const messages = ended.map((one) => endedMessage(one, context, now));
    for (const message of messages) made.moved(message, now, null);
    await tx.gatherings.remove(ended);
    await tx.messages.insert(messages);
    await made.write(tx);
    return made;
  });
  consequences.committed();
}

/** Forgets what was done so long ago that no piece of it comes again. */
export async function forgetGathered({ storage, clock }: DeliveryContext): Promise<void> {
  let forgotten = forgetLimit;
  while (forgotten === forgetLimit) {
    const before = clock.now() - rememberedMs;
    forgotten = await storage.write((tx) => tx.gatherings.forgetDone(before, forgetLimit));
  }
}

function endedMessage(ended: Abandoned, { ids }: DeliveryContext, now: number): Message {
  const { id, accountId, destination, sender, text, channel, extras, status, error } = ended;
  const errorDetail = ended.detail;
  const submissionId: SubmissionId = ids.next();
  const same = { id, accountId, destination, sender, text, channel, extras, status, error };
  return neverSent({ ...same, submissionId, errorDetail }, now);
}

const nameOf = ({ accountId, key }: GatheringKey): string => `${accountId} ${key}`;
