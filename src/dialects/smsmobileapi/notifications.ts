import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { DeliveryPolicy, NotificationForm, RenderTime } from '../../core/ports/notifier.ts';
import { formatIso, formatUtc } from '../../text/instant.ts';
import { serverTime } from './clocks.ts';
import { wireErrors } from './errors.ts';
import { gatewaySid, madeAt, replyGuidOf } from './guid.ts';
import { shownGuid } from './lookup.ts';
import { phoneOf } from './received.ts';
import { signatureHeaders } from './signature.ts';

/** The seed's webhook (V1), and the one with an envelope and a signature that came later (V2, reference B.6). */
export const topics = [
  { name: 'received', title: 'SMS received, as documented first (V1)' },
  { name: 'events', title: 'SMS submitted, sent, failed and received, in signed envelopes (V2)' },
] as const;

const minute = 60_000;
const policies: Record<string, DeliveryPolicy> = {
  // Seed: "returning an HTTP 200 status code for successful requests". It names no retry and no time-out; a reply that is
  // lost since a server was being restarted helps nobody.
  received: {
    succeeded: (status) => status === 200,
    timeoutMs: 10_000,
    retryDelaysMs: [minute, 5 * minute, 30 * minute],
  },
  // Reference B.6: 202, or 200 for what it had already.
  events: {
    succeeded: (status) => status >= 200 && status < 300,
    timeoutMs: 10_000,
    retryDelaysMs: [1, 5, 30, 120, 480].map((minutes) => minutes * minute),
  },
};

/** How this dialect tells events. */
export const form = {
  name: 'smsmobileapi',

  wants(event, { topic }) {
    return topic === 'received' ? event.type === 'reply.received' : typeOf(event) !== null;
  },

  render(event, endpoint, view, at) {
    return endpoint.topic === 'received'
      ? renderFirst(event, endpoint)
      : renderSecond(event, endpoint, view, at);
  },

  policy({ topic }) {
    return policies[topic] as DeliveryPolicy;
  },
} satisfies NotificationForm;

/** The seed's payload, its keys in that order. */
function renderFirst(event: Event, { url }: Endpoint) {
  if (event.type !== 'reply.received') throw new Error(`not told here: ${event.type}`);
  const { text, from, id } = event.reply;
  const { date, time } = serverTime(madeAt(id));
  const body = JSON.stringify({
    date,
    hour: time,
    time_received: formatUtc(event.at),
    message: text,
    number: from,
    guid: replyGuidOf(id),
  });
  return { method: 'POST' as const, url, headers: { 'Content-Type': 'application/json' }, body };
}

/** The event types that this gateway has something to tell of; null: none of them. */
function typeOf({ type }: Event): string | null {
  switch (type) {
    case 'message.accepted':
      return 'sms.api.submitted';
    case 'message.sent':
      return 'sms.sent';
    case 'message.failed':
      return 'sms.failed';
    case 'reply.received':
      return 'sms.received';
    case 'message.released':
    case 'message.delivered':
    case 'message.cancelled':
    case 'part.delivered':
    case 'part.failed':
    case 'link.visited':
    case 'optout.added':
    case 'optout.removed':
      return null;
  }
}

/** The envelope has no other keys (`additionalProperties: false`). */
function renderSecond(
  event: Event,
  { url }: Endpoint,
  view: AccountView,
  { now, secret, notificationId }: RenderTime,
) {
  const id = event.id ?? notificationId;
  const type = typeOf(event) ?? '';
  const body = JSON.stringify({
    id,
    type,
    api_version: '2026-09-22',
    created_at: formatIso(madeAt(id)),
    occurred_at: formatIso(event.at),
    data: dataOf(event, view),
  });
  return {
    method: 'POST' as const,
    url,
    headers: {
      'Content-Type': 'application/json',
      'X-SMSMobileAPI-Event': type,
      'X-SMSMobileAPI-Event-ID': id,
      'Idempotency-Key': id,
      ...signatureHeaders(secret, body, now),
    },
    body,
  };
}

/** Of `sms.received` as the vendor's fixture has it; of what was sent nothing is published, so likewise. */
function dataOf(event: Event, view: AccountView): object {
  const self = gatewaySid(view.account.id);
  if (event.type === 'reply.received') {
    const { id, from, text, device, alias = null } = event.reply;
    return {
      guid: replyGuidOf(id),
      from,
      message: text,
      received_at: utcOf(event.at),
      alias,
      device_id: phoneOf({ device: device ?? null }, self),
    };
  }
  if (!('message' in event)) throw new Error(`not told here: ${event.type}`);
  const { message } = event;
  return {
    guid: shownGuid({ ...message, extras: message.extras ?? null }),
    to: message.destination,
    message: message.text,
    submitted_at: utcOf(message.createdAt ?? event.at),
    sent_at: message.sentAt === null ? null : utcOf(message.sentAt),
    error: event.type === 'message.failed' ? wordsFor(message) : null,
  };
}

function wordsFor({ error, errorDetail }: MessageFacts): string {
  return (error && wireErrors[error].text) ?? errorDetail ?? 'The message could not be sent.';
}

function utcOf(ms: number): string {
  return `${formatUtc(ms).replace(' ', 'T')}Z`;
}
