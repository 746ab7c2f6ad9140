import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Span } from '../../core/ports/storage.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { formatUtc } from '../../text/instant.ts';
import type { Call, Handler } from './call.ts';
import { localText, span } from './clocks.ts';
import { gatewaySid, replyGuidOf } from './guid.ts';
import { handlingsOf, shownGuid } from './lookup.ts';
import { phoneOf } from './received.ts';
import type { Settings } from './settings.ts';

const usualConversations = 20;
const mostConversations = 100;
/** Of one conversation in each direction, the newest. */
const mostLines = 500;
const mostResumeLines = 200;

/** `/conversation/sms/list/` (seed). */
export const listConversations: Handler = async (call, { gateway }) => {
  const { caller, fields, settings } = call;
  fields.required('origineConversation');
  const origineConversation = fields.oneOf('origineConversation', ['received', 'sent']) ?? 'sent';
  const resume = fields.flag('resume') === true;
  const lines = resume
    ? (fields.whole('resume_line_how', { least: 1, most: mostResumeLines }) ?? 1)
    : null;
  const within: Partial<Span> = {
    from: span(fields, 'date_from', settings)?.from ?? 0,
    before: span(fields, 'date_to', settings)?.before ?? Number.MAX_SAFE_INTEGER,
  };
  const numbers = await numbersOf(call, gateway, { by: origineConversation, within });
  const conversations: object[] = [];
  for (const number of numbers) {
    const found = await conversation(gateway, caller, { number, within, lines, settings });
    if (found) conversations.push(found);
  }
  return {
    success: true,
    origineConversation,
    resume: resume ? 1 : 0,
    resume_line_how: lines,
    conversations,
  };
};

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
    { span: within, first: sort === 'ASC' ? 'oldest' : 'newest', limit },
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
      ? await gateway.searchMessages(caller, { destination: number, created: within, ...page })
      : await gateway.replies(caller, {
          from: number,
          since: within.from,
          until: within.before,
          ...page,
        });
  return found.length > 0;
}

/** A message of a conversation, and by what it is sorted: as it is shown (seed). */
interface Line {
  direction: 'incoming' | 'outgoing';
  message_id: string;
  date: string;
  timestamp_utc: string;
  message: string;
  status: 'received' | 'sent';
  mobile_sid: string;
}

async function conversation(
  gateway: Gateway,
  caller: Caller,
  asked: { number: E164; within: Partial<Span>; lines: number | null; settings: Settings },
): Promise<object | undefined> {
  const { number, within, lines } = asked;
  // More than the lines asked for: some are not shown, and an older one may have the alias.
  const page = { limit: lines === null ? mostLines : 2 * lines + 50, offset: 0 };
  const [replies, messages] = await Promise.all([
    gateway.replies(caller, { from: number, since: within.from, until: within.before, ...page }),
    gateway.searchMessages(caller, { destination: number, created: within, ...page }),
  ]);
  const sent = messages.filter(({ status }) => !notSent.has(status));
  const handling = await handlingsOf(gateway, caller, sent);
  const self = gatewaySid(caller.view.account.id);
  const all = [
    ...replies.map((reply) => incoming(reply, self)),
    ...sent.map((message) => outgoing(message, handling(message).sid, asked.settings)),
  ].toSorted((one, other) => (one.date < other.date ? -1 : one.date > other.date ? 1 : 0));
  if (all.length === 0) return undefined;
  return {
    phone_number: number,
    contact_alias: replies.find(({ alias }) => alias !== null)?.alias ?? null,
    messages: lines === null ? all : all.slice(-lines),
  };
}

function incoming(reply: Reply, self: string): Line {
  const date = formatUtc(reply.receivedAt);
  return {
    direction: 'incoming',
    message_id: replyGuidOf(reply.id),
    date,
    timestamp_utc: utcOf(reply.receivedAt),
    message: reply.text,
    status: 'received',
    mobile_sid: phoneOf(reply, self),
  };
}

/** What is shown is in local time, and sorted so (seed, "Behavior details"). */
function outgoing(message: Message, sid: string, settings: Settings): Line {
  return {
    direction: 'outgoing',
    message_id: shownGuid(message),
    date: localText(message.createdAt, settings),
    timestamp_utc: utcOf(message.createdAt),
    message: message.text,
    status: 'sent',
    mobile_sid: sid,
  };
}

/** The seed knows one status of what went out, "sent": what did not is left out. */
const notSent: ReadonlySet<MessageStatus> = new Set([
  'scheduled',
  'rejected',
  'failed',
  'expired',
  'cancelled',
]);

function utcOf(ms: number): string {
  return `${formatUtc(ms).replace(' ', 'T')}Z`;
}
