import { errorTraits, GatewayError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Gateway } from '../core/gateway.ts';
import type { MessageId } from '../core/ids.ts';
import type { Gathered, Gathering } from '../core/messages/gathering.ts';
import type { Abandoned, GatherOutcome } from '../core/messages/gather.ts';
import type { Verdict } from '../core/messages/submit.ts';
import { statuses } from '../smpp/codec/statuses.ts';
import type { Concatenation } from '../smpp/user-data.ts';
import type { Alphabet } from '../text/alphabets.ts';
import { decodeText } from '../text/alphabets.ts';
import type { E164 } from '../text/phone-number.ts';
import { parseNumber } from '../text/phone-number.ts';
import type { Address, Asked, Wish } from './asked.ts';
import { extrasOf } from './asked.ts';
import type { IdForm } from './message-ids.ts';
import { writeId } from './message-ids.ts';
import type { ShortMessage } from './short-message.ts';
import { destinationOf, isWholeText } from './short-message.ts';
import type { Client, Given } from './outgoing.ts';
import { channel, mostParts, outgoing, submitAll } from './outgoing.ts';
import { refusalOf, Refused } from './refused.ts';

/** How long the pieces of one message may lie apart. */
const patienceMs = 10 * 60_000;
const roundLimit = 200;

/**
 * A piece as it is kept until the others are there. Not a text yet: an escape or a surrogate pair may be cut
 * between two pieces. Of the whole the first piece's times and priority hold.
 */
interface Piece
  extends Pick<
    ShortMessage,
    'from' | 'schedule' | 'validity' | 'lifeSeconds' | 'priority' | 'wish'
  > {
  to: Address;
  /** The same as the core reads it. */
  destination: E164;
  ids: IdForm;
  alphabet: Alphabet;
  /** As base64. */
  octets: string;
}

/**
 * Takes a piece of a message that its client has cut by itself. Each is answered with an id of its own once
 * it is on disk, and the last one once the whole is accepted. The whole is one message: it costs what
 * it costs, it is cut anew as its link wants it, and each piece's id gets the whole's receipt.
 *
 * What would be refused of the whole is refused of every piece, as far as a piece can tell.
 * @returns its id. @throws Refused, GatewayError.
 */
export async function gatherPiece(message: ShortMessage, given: Given): Promise<string> {
  const { client, caller, gateway, to } = given;
  const { number, total, reference } = message.concatenation as Concatenation;
  if (total > mostParts) throw new Refused(statuses.ESME_RINVMSGLEN, 'too many pieces');
  // Its own text may be half a character: it is judged with the others.
  const wrong = gateway.check(caller, outgoing(message, 'piece', given));
  if (wrong) throw refusalOf(wrong);
  const { placedBy } = message;
  const key = JSON.stringify([
    client.credentialId,
    message.from[2],
    to[2],
    placedBy,
    reference,
    total,
  ]);
  const { homeCountry } = caller.view.account;
  const destination = parseNumber(destinationOf(to), homeCountry)?.e164 as E164;
  const piece = pieceOf(message, { to, destination, client });
  return gateway.gather(
    { accountId: client.accountId, key, total, number, content: piece },
    async (outcome) => {
      const id = await settle(outcome, { piece, number, key, given });
      return writeId({ kind: 'piece', id, number }, client.settings.messageIds);
    },
  );
}

async function settle(
  outcome: GatherOutcome,
  last: { piece: Piece; number: number; key: string; given: Given },
): Promise<MessageId> {
  switch (outcome.kind) {
    case 'gathered':
      return outcome.id;
    case 'full':
      throw new Refused(statuses.ESME_RMSGQFUL, 'too many messages are incomplete');
    case 'whole': {
      const { number, piece } = last;
      const { id, before } = outcome;
      await submitGathered(id, [...before, { number, content: piece }], { ...last, before });
      return id;
    }
  }
}

/** @throws Refused, GatewayError: the last piece is not taken then. */
async function submitGathered(
  id: MessageId,
  pieces: readonly Gathered[],
  last: { key: string; before: readonly Gathered[]; given: Given },
): Promise<void> {
  const { key, given } = last;
  const { caller, gateway } = given;
  const whole = joined(pieces);
  if (!whole.isWhole) {
    const detail = 'Half a character is left over at the end of its pieces.';
    await refuse('field_invalid', detail);
    throw new Refused(statuses.ESME_RINVDCS, detail);
  }
  try {
    const wanted = {
      ...outgoing(whole.message, whole.text, { ...given, to: whole.asked.to }),
      id,
      extras: extrasOf(whole.asked),
    };
    const [verdict] = (await submitAll(given, [wanted], { key, id, pieces })) as [Verdict];
    if (!verdict.ok) {
      await refuse(verdict.error.code, verdict.error.detail);
      throw refusalOf(verdict.error);
    }
  } catch (error) {
    if (error instanceof GatewayError && !errorTraits(error.code).retryable) {
      if (error.code === 'already_exists') {
        await requireTaken(id, given);
        return;
      }
      await refuse(error.code, error.detail);
    }
    throw error;
  }

  /** The others were acknowledged: their client is told what became of them. */
  async function refuse(error: ErrorCode, detail: string): Promise<void> {
    const gathering = { accountId: caller.view.account.id, key, id, pieces: last.before };
    await gateway.abandon([abandoned(gathering, { status: 'rejected', error, detail })]);
  }
}

/** Somebody else has ended the gathering: by the same last piece, or because it was too old. */
async function requireTaken(id: MessageId, { caller, gateway }: Given): Promise<void> {
  const [message] = await gateway.findMessages(caller, [id]);
  if (message && message.status !== 'expired' && message.status !== 'rejected') return;
  throw new Refused(statuses.ESME_RSUBMITFAIL, 'the other pieces were given up');
}

/** Ends what stayed incomplete for too long; gives how many that were. */
export async function giveUpIncomplete(gateway: Gateway): Promise<number> {
  const { storage, clock } = gateway.delivery;
  const overdue = await storage.read.gatherings.overdue(clock.now() - patienceMs, roundLimit);
  if (overdue.length === 0) return 0;
  const ended = overdue.map((gathering) => {
    const missing = gathering.total - gathering.pieces.length;
    const detail = `${missing} of ${gathering.total} pieces never came.`;
    const why = { status: 'expired', error: 'validity_expired', detail } as const;
    return abandoned(gathering, why);
  });
  await gateway.abandon(ended);
  return ended.length;
}

function abandoned(
  { accountId, key, id, pieces }: Pick<Gathering, 'accountId' | 'key' | 'id' | 'pieces'>,
  why: Pick<Abandoned, 'status' | 'error' | 'detail'>,
): Abandoned {
  const { message, asked, text, destination } = joined(pieces);
  return {
    accountId,
    key,
    id,
    destination,
    sender: message.from[2],
    text,
    extras: extrasOf(asked),
    channel,
    ...why,
  };
}

function pieceOf(
  message: ShortMessage,
  { to, destination, client }: { to: Address; destination: E164; client: Client },
): Piece {
  const { from, schedule, validity, lifeSeconds, priority, wish, alphabet, octets } = message;
  return {
    from,
    to,
    destination,
    ids: client.settings.messageIds,
    alphabet,
    octets: octets.toString('base64'),
    schedule,
    validity,
    lifeSeconds,
    priority,
    wish,
  };
}

/** At least one piece, in any order. Octets are joined before they are read, as far as they share an alphabet. */
function joined(gathered: readonly Gathered[]): {
  message: ShortMessage;
  asked: Asked;
  text: string;
  /** Is nothing left over that is no character? */
  isWhole: boolean;
  destination: E164;
} {
  const pieces = gathered
    .map(({ number, content }) => ({ number, ...(content as Piece) }))
    .toSorted((a, b) => a.number - b.number);
  const [first] = pieces as [(typeof pieces)[number], ...typeof pieces];
  let text = '';
  let isWhole = true;
  for (let at = 0; at < pieces.length; ) {
    const { alphabet } = pieces[at] as Piece;
    const octets: Buffer[] = [];
    for (; pieces[at]?.alphabet === alphabet; at++) {
      octets.push(Buffer.from((pieces[at] as Piece).octets, 'base64'));
    }
    const run = Buffer.concat(octets);
    isWhole &&= isWholeText(run, alphabet);
    text += decodeText(run, alphabet);
  }
  const wishes = pieces.map(({ number, wish }): Wish & { number: number } => ({ ...wish, number }));
  return {
    text,
    isWhole,
    destination: first.destination,
    message: { ...first, octets: Buffer.alloc(0), concatenation: null, placedBy: null },
    asked: { ids: first.ids, from: first.from, to: first.to, wishes },
  };
}
