import type { Message } from '../../core/messages/message.ts';
import type { MessageSieve } from '../../core/ports/storage.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Handler } from './call.ts';
import { localTime, serverTime, span, timeArea } from './clocks.ts';
import { wireErrors } from './errors.ts';
import { invalid } from './fields.ts';
import type { Handling } from './lookup.ts';
import { handlingsOf, messageBy, shownGuid } from './lookup.ts';
import { bare } from './numbers.ts';
import type { Settings } from './settings.ts';

/** The seed names no limit: so many, newest first; `before` leads to those before them. */
const mostRows = 500;

/** `/log/sent/sms/` (seed). */
export const listSent: Handler = async (call, context) => {
  const guid = call.fields.get('guid_message');
  const found = guid === undefined ? await search(call, context) : await one(call, context, guid);
  if (guid !== undefined && found.length === 0) {
    // Reference B.4: an unknown one, or one that is not logged yet, is an error.
    return { result: { error: 'There is no SMS with this guid_message.', sms: [] } };
  }
  const handling = await handlingsOf(context.gateway, call.caller, found);
  return {
    result: {
      error: '0',
      sms: found.map((message) => row(message, handling(message), call.settings)),
    },
  };
};

async function one(call: Call, { gateway }: DialectContext, guid: string): Promise<Message[]> {
  const message = await messageBy(gateway, call.caller, guid);
  return message ? [message] : [];
}

async function search(call: Call, context: DialectContext): Promise<Message[]> {
  const { caller, fields } = call;
  const api = fields.flag('error_api') === true;
  const mobile = fields.flag('error_mobile') === true;
  const sieve: MessageSieve = {
    limit: mostRows,
    offset: 0,
    created: { before: (await beforeOf(call, context)) ?? Number.MAX_SAFE_INTEGER },
    either: fields.number('keyword')?.replace(/^\+(?=\d)/, ''),
    failed: api && mobile ? 'either' : api ? 'at once' : mobile ? 'later' : undefined,
  };
  return context.gateway.history.sift(caller, sieve);
}

/** A timestamp, a day or a full datetime, or the guid of a message (seed: "a timestamp or a message reference"). */
async function beforeOf(
  { caller, fields, settings }: Call,
  { gateway }: DialectContext,
): Promise<number | undefined> {
  const text = fields.get('before');
  if (text === undefined) return undefined;
  if (/^\d{1,13}$/.test(text)) return text.length > 11 ? Number(text) : Number(text) * 1000;
  if (/^[0-9a-f]{40}$/i.test(text)) {
    const message = await messageBy(gateway, caller, text);
    if (!message) throw invalid('before', 'a timestamp or the guid of a message');
    return message.createdAt;
  }
  return span(fields, 'before', settings)?.from;
}

/** A row of the log, its keys in the order of the seed's sample. */
function row(message: Message, { sid, port, sentAt, error }: Handling, settings: Settings): object {
  const { createdAt } = message;
  const added = localTime(createdAt, settings);
  const addedServer = serverTime(createdAt);
  const sent = sentAt === null ? unsent : localTime(sentAt, settings);
  const sentServer = sentAt === null ? unsent : serverTime(sentAt);
  return {
    sIdentifiantPhone: sid,
    port,
    date_add: added.date,
    hour_add: added.time,
    timestamp: added.timestamp,
    send_from_mobile: sentAt === null ? 0 : 1,
    send_from_mobile_date: sent.date,
    send_from_mobile_heure: sent.time,
    send_from_mobile_timestamp: sent.timestamp,
    recipients: bare(message.destination),
    sms: message.text,
    error_api: refusedAtOnce(message) ? wordsFor(message) : '',
    send_from_mobile_erreur: failedLater(message) ? (error ?? wordsFor(message)) : '',
    guid_message: shownGuid(message),
    timearea: timeArea(createdAt, settings),
    date_add_server: addedServer.date,
    hour_add_server: addedServer.time,
    timestamp_server: addedServer.timestamp,
    send_from_mobile_date_server: sentServer.date,
    send_from_mobile_heure_server: sentServer.time,
  };
}

const unsent = { date: '', time: '', timestamp: 0 };

/** Refused before it was handed over: what `error_api` is for. */
function refusedAtOnce({ status, attempts }: Message): boolean {
  return status === 'rejected' && attempts === 0;
}

const unhappyEnds: ReadonlySet<MessageStatus> = new Set([
  'rejected',
  'failed',
  'expired',
  'unknown',
  'cancelled',
]);

function failedLater(message: Message): boolean {
  return unhappyEnds.has(message.status) && !refusedAtOnce(message);
}

function wordsFor({ status, error, errorDetail }: Message): string {
  if (status === 'cancelled') return 'The message was cancelled.';
  if (error === null) return 'The message could not be sent.';
  return wireErrors[error].text ?? errorDetail ?? 'The message could not be sent.';
}
