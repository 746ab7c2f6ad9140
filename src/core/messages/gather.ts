import type { E164 } from '../../text/phone-number.ts';
import { mergeCallers } from '../batch.ts';
import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { ErrorCode } from '../errors.ts';
import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { neverSent } from './build.ts';
import type { Gathered, Gathering, GatheringKey } from './gathering.ts';
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

/** Takes pieces of different messages. One that is repeated is on disk already. */
async function writePieces(
  { storage, clock, ids }: Pick<DeliveryContext, 'storage' | 'clock' | 'ids'>,
  take: () => readonly Gather[],
): Promise<GatherOutcome[]> {
  return storage.write(async (tx) => {
    const given = take();
    const known = await tx.gatherings.lock(given);
    const room = new Map<AccountId, number>();
    const fresh: Gathering[] = [];
    const grown: Gathering[] = [];
    const over: Gathering[] = [];
    const outcomes: GatherOutcome[] = [];
    for (const [at, { number, content, ...which }] of given.entries()) {
      let gathering = known[at];
      const before = gathering?.pieces.find((piece) => piece.number === number);
      if (gathering && before) {
        if (isSame(before.content, content)) {
          outcomes.push({ kind: 'gathered', id: gathering.id });
          continue;
        }
        // The client has begun to count anew: this is another message.
        over.push(gathering);
        gathering = undefined;
      }
      if (gathering && gathering.pieces.length + 1 === gathering.total) {
        outcomes.push({ kind: 'whole', id: gathering.id, before: gathering.pieces });
        continue;
      }
      if (gathering) {
        grown.push({ ...gathering, pieces: [...gathering.pieces, { number, content }] });
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
      const id = ids.next<MessageId>();
      fresh.push({ ...which, id, pieces: [{ number, content }], createdAt: clock.now() });
      outcomes.push({ kind: 'gathered', id });
    }
    await tx.gatherings.remove(over);
    await tx.gatherings.save(grown);
    await tx.gatherings.insert([...over.map(setAside), ...fresh]);
    return outcomes;
  });
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
    const ended = abandoned.filter(({ id }, at) => found[at]?.id === id);
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

function endedMessage(ended: Abandoned, { ids }: DeliveryContext, now: number): Message {
  const { id, accountId, destination, sender, text, channel, extras, status, error } = ended;
  const errorDetail = ended.detail;
  const submissionId: SubmissionId = ids.next();
  const same = { id, accountId, destination, sender, text, channel, extras, status, error };
  return neverSent({ ...same, submissionId, errorDetail }, now);
}

const nameOf = ({ accountId, key }: GatheringKey): string => `${accountId} ${key}`;

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
