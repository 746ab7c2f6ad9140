import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { onceFor } from '../../core/once-for.ts';
import type { DeliveryPolicy, NotificationForm } from '../../core/ports/notifier.ts';
import { formatUtc } from '../../text/instant.ts';
import { bare, presentReply } from './present.ts';
import type { Settings } from './settings.ts';
import { settingsOf } from './settings.ts';
import { signatureHeaders } from './signature.ts';

/** The two URLs that an account can have (seed, webhooks). */
export const topics = [
  { name: 'inbound', title: 'Messages from handsets, and their wishes to unsubscribe' },
  { name: 'status', title: 'What became of a message: delivered or failed' },
] as const;

const minute = 60_000;
/** Seed: "retry sending the webhook up to 5 times, with a 1-minute delay between each retry". */
const minutely = [minute, minute, minute, minute, minute];
/** Reference A.8: "exponential backoff for about 4 h"; these are 4 h 15 min. */
const exponential = [1, 2, 4, 8, 16, 32, 64, 128].map((minutes) => minutes * minute);

/** Seed: "must respond within 5 seconds"; success is status 200 and no other. */
const timeoutMs = 5_000;

const policyOf = onceFor(
  ({ webhookRetries }: Settings): DeliveryPolicy => ({
    succeeded: (status) => status === 200,
    timeoutMs,
    retryDelaysMs: delaysOf(webhookRetries),
  }),
);

/** How this dialect tells events (seed, webhooks; reference A.8). */
export const form = {
  name: 'mobilemessage',

  wants(event, endpoint, view) {
    if (endpoint.topic === 'inbound') return event.type === 'reply.received';
    if (endpoint.topic !== 'status') return false;
    return settingsOf(view).edition === '2024' ? isEnd(event) : isPartNews(event);
  },

  render(event, endpoint, view, { now, secret }) {
    const body = JSON.stringify(payloadOf(event, view));
    return {
      method: 'POST',
      url: endpoint.url,
      headers: {
        'Content-Type': 'application/json',
        ...(secret !== null && signatureHeaders(secret, body, now)),
      },
      body,
    };
  },

  policy: (_endpoint: Endpoint, view: AccountView) => policyOf(settingsOf(view)),
} satisfies NotificationForm;

function delaysOf(retries: Settings['webhookRetries']): readonly number[] {
  if (retries === 'minutely') return minutely;
  if (retries === 'exponential') return exponential;
  return retries.map((seconds) => seconds * 1000);
}

/** Edition 2024: one event for a message, at its end. */
function isEnd(event: Event): boolean {
  return event.type === 'message.delivered' || event.type === 'message.failed';
}

/**
 * Edition 2026: one event for each part. A message that ends without the network's word on its parts
 * (never handed over, refused at the hand-over, its answer or receipt lost) is told once as a whole,
 * so that each message ends with an event.
 */
function isPartNews(event: Event): boolean {
  switch (event.type) {
    case 'part.delivered':
    case 'part.failed':
      return true;
    case 'message.failed':
      return !toldByItsParts(event.message);
    case 'message.accepted':
    case 'message.released':
    case 'message.sent':
    case 'message.delivered':
    case 'message.cancelled':
    case 'reply.received':
    case 'link.visited':
    case 'optout.added':
    case 'optout.removed':
      return false;
  }
}

function toldByItsParts({ error, sentAt }: MessageFacts): boolean {
  if (error === 'undeliverable' || error === 'rejected_by_network') return true;
  // The same word stands for what expired in our own queue, which was never sent.
  return error === 'validity_expired' && sentAt !== null;
}

function payloadOf(event: Event, view: AccountView): object {
  const newer = settingsOf(view).edition === '2026';
  switch (event.type) {
    case 'reply.received': {
      const { original } = event.reply;
      return {
        ...presentReply(event.reply, event.at),
        ...(newer && {
          original_message_id: original?.id ?? '',
          original_custom_ref: original?.clientRef ?? '',
        }),
      };
    }
    case 'message.delivered':
    case 'part.delivered':
      return statusPayload(event, 'delivered', newer);
    case 'message.failed':
    case 'part.failed':
      return statusPayload(event, 'failed', newer);
    case 'message.accepted':
    case 'message.released':
    case 'message.sent':
    case 'message.cancelled':
    case 'link.visited':
    case 'optout.added':
    case 'optout.removed':
      throw new Error(`an event that is not told here: ${event.type}`);
  }
}

function statusPayload(
  event: Extract<Event, { message: MessageFacts }>,
  status: 'delivered' | 'failed',
  newer: boolean,
): object {
  const { message } = event;
  return {
    to: bare(message.destination),
    message: message.text,
    sender: bare(message.sender),
    // Always there, as `original_custom_ref` is (reference A.8): receivers read it without asking.
    custom_ref: message.clientRef ?? '',
    status,
    message_id: message.id,
    received_at: formatUtc(event.at),
    ...(newer && {
      part_number: 'part' in event ? event.part : 1,
      total_parts: message.parts,
    }),
  };
}
