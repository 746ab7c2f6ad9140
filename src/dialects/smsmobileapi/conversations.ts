import { setImmediate } from 'node:timers/promises';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Page, Span } from '../../core/ports/storage.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { formatUtc } from '../../text/instant.ts';
import { toLocal } from '../../text/time-zone.ts';
import { dialect } from './auth.ts';
import type { Call, Handler } from './call.ts';
import { span } from './clocks.ts';
import { gatewaySid, replyGuidOf } from './guid.ts';
import { handlingsOf, shownGuid } from './lookup.ts';
import { phoneOf } from './received.ts';
import type { Settings } from './settings.ts';

const usualConversations = 20;
const mostConversations = 100;
/** Of one conversation in each direction, the newest. */
const mostLines = 500;
/** Of all conversations of an answer together; a text counts as a line for each thousand characters. */
const mostLinesOfAll = 5_000;
const lineOfText = 1_000;
const mostResumeLines = 200;
/** Of an account, on all nodes together: each such answer is some 20 ms of work and a megabyte. */
const mostAtOnce = 2;

/** `/conversation/sms/list/` (seed). */
export const listConversations: Handler = async (call, { gateway }) => {
  const { id } = call.caller.view.account;
  const leave = await gateway.places.enter(`${dialect} conversations ${id}`, mostAtOnce);
  if (!leave) {
    throw new GatewayError('too_many_concurrent', 'Conversations are being listed already.', {
      retryAfterMs: 1000,
    });
  }
  try {
    return await list(call, gateway);
  } finally {
    leave();
  }
};

async function list(call: Call, gateway: Gateway): Promise<object> {
  const { caller, fields, settings } = call;
  fields.required('origineConversation');
  const origineConversation = fields.oneOf('origineConversation', ['received', 'sent']) ?? 'sent';
  const resume = fields.flag('resume') === true;
  const lines = resume
    ? (fields.whole('resume_line_how', { least: 1, most: mostResumeLines }) ?? 1)
    : null;
  const from = span(fields, 'date_from', settings);
  const to = span(fields, 'date_to', settings);
  const within: Partial<Span> = {
    ...(from && { from: from.from }),
    ...(to && { before: to.before }),
  };
  const numbers = await numbersOf(call, gateway, { by: origineConversation, within });
  const conversations: object[] = [];
  let room = mostLinesOfAll;
  for (const [at, number] of numbers.entries()) {
    // What the ones before have left over is the others'.
    const share = Math.floor(room / (numbers.length - at));
    const found = await conversation(gateway, caller, { number, within, lines, share, settings });
    if (found) conversations.push(found.shown);
    room -= found?.size ?? 0;
    // Where the storage answers at once, nobody else would be served in between.
    await setImmediate();
  }
  return {
    success: true,
    origineConversation,
    resume: resume ? 1 : 0,
    resume_line_how: lines,
    conversations,
  };
}

/** With whom: the one that was asked for, or the latest that the account wrote to or was written by. */
async function numbersOf(
  { caller, fields }: Call,
  gateway: Gateway,
  { by, within }: { by: 'received' | 'sent'; within: Partial<Span> },
): Promise<E164[]> {
  const sort = fields.oneOf('sort', ['DESC', 'ASC']) ?? 'DESC';
  const limit = fields.whole('limit', { least: 1, most: mostConversations }) ?? usualConversations;
  const asked = fields.number('numero');
  if (asked !== undefined) {
    const number = (parseNumber(asked, caller.view.account.homeCountry)?.e164 ?? asked) as E164;
    return (await hasBegun(gateway, caller, { number, by, within })) ? [number] : [];
  }
  const correspondents = await gateway.history.correspondents(
    caller,
    by === 'sent' ? 'messages' : 'replies',
    { span: within, without: notSent, first: sort === 'ASC' ? 'oldest' : 'newest', limit },
  );
  return correspondents.map(({ number }) => number);
}

/** A conversation begins with what was received, or sent, as the client asked. */
async function hasBegun(
  gateway: Gateway,
  caller: Caller,
  { number, by, within }: { number: E164; by: 'received' | 'sent'; within: Partial<Span> },
): Promise<boolean> {
  const page = { limit: 1, offset: 0 };
  const found =
    by === 'sent'
      ? await gateway.searchMessages(caller, sentTo(number, within, page))
      : await gateway.replies(caller, {
          from: number,
          since: within.from,
          until: within.before,
          ...page,
        });
  return found.length > 0;
}

/** What an account has really sent to a number. */
const sentTo = (destination: E164, created: Partial<Span>, page: Page) => ({
  destination,
  created,
  without: notSent,
  ...page,
});

/** A message of a conversation (seed). */
interface Line {
  direction: 'incoming' | 'outgoing';
  message_id: string;
  date: string;
  timestamp_utc: string;
  message: string;
  status: 'received' | 'sent';
  mobile_sid: string;
}

/** A line, and by what it is sorted: when it is shown to have been, then the order in which both were written down. */
interface Sorted {
  line: Line;
  at: number;
  id: string;
}

/** @param share how much it may have of the room for all: at least its newest line is shown. */
async function conversation(
  gateway: Gateway,
  caller: Caller,
  asked: {
    number: E164;
    within: Partial<Span>;
    lines: number | null;
    share: number;
    settings: Settings;
  },
): Promise<{ shown: object; size: number } | undefined> {
  const { number, within, lines, share, settings } = asked;
  const most = Math.min(mostLines, share);
  // More replies than are shown: an older one may have the alias.
  const heard = { limit: lines === null ? most : 2 * lines + 50, offset: 0 };
  const said = { limit: lines ?? most, offset: 0 };
  const [replies, messages] = await Promise.all([
    gateway.replies(caller, { from: number, since: within.from, until: within.before, ...heard }),
    gateway.searchMessages(caller, sentTo(number, within, said)),
  ]);
  const handling = await handlingsOf(gateway, caller, messages);
  const self = gatewaySid(caller.view.account.id);
  const all = [
    ...replies.map((reply) => incoming(reply, self)),
    ...messages.map((message) => outgoing(message, handling(message).sid, settings)),
  ].toSorted((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));
  if (all.length === 0) return undefined;
  const { newest, size } = newestOf(lines === null ? all : all.slice(-lines), share);
  return {
    shown: {
      phone_number: number,
      contact_alias: replies.find(({ alias }) => alias !== null)?.alias ?? null,
      messages: newest.map(({ line }) => line),
    },
    size,
  };
}

/** As many of the last ones as there is room for, and one in any case. */
function newestOf(all: readonly Sorted[], room: number): { newest: Sorted[]; size: number } {
  let from = all.length;
  let size = 0;
  while (from > 0) {
    const one = Math.max(1, Math.ceil((all[from - 1]?.line.message.length ?? 0) / lineOfText));
    if (size > 0 && size + one > room) break;
    size += one;
    from -= 1;
  }
  return { newest: all.slice(from), size };
}

function incoming(reply: Reply, self: string): Sorted {
  const { id, receivedAt: at } = reply;
  const line: Line = {
    direction: 'incoming',
    message_id: replyGuidOf(id),
    date: formatUtc(at),
    timestamp_utc: utcOf(at),
    message: reply.text,
    status: 'received',
    mobile_sid: phoneOf(reply, self),
  };
  return { line, at, id };
}

/** What is shown is in local time, and sorted so (seed, "Behavior details"). */
function outgoing(message: Message, sid: string, { timeZone }: Settings): Sorted {
  const { id, createdAt } = message;
  const at = toLocal(timeZone, createdAt);
  const line: Line = {
    direction: 'outgoing',
    message_id: shownGuid(message),
    date: formatUtc(at),
    timestamp_utc: utcOf(createdAt),
    message: message.text,
    status: 'sent',
    mobile_sid: sid,
  };
  return { line, at, id };
}

/** The seed knows one status of what went out, "sent": what did not is left out. */
const notSent: readonly MessageStatus[] = [
  'scheduled',
  'rejected',
  'failed',
  'expired',
  'cancelled',
];

function utcOf(ms: number): string {
  return `${formatUtc(ms).replace(' ', 'T')}Z`;
}
