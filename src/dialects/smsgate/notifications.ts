import type { Event, MessageFacts } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import type { DeliveryPolicy, NotificationForm } from '../../core/ports/notifier.ts';
import { phoneSender } from '../../core/devices/device.ts';
import { formatIso } from '../../text/instant.ts';
import { reasonOf } from './errors.ts';
import { extrasOf } from './extras.ts';
import { mostRetries, settingsOf } from './settings.ts';
import { signatureHeaders } from './signature.ts';
import type { WebhookEvent } from './webhook-settings.ts';
import { webhookOf } from './webhook-settings.ts';

/** Beside the webhooks that clients make through the API (`webhook`), one that the owner may set up. */
export const topics = [
  { name: 'events', title: 'Every SMS that is received, sent, delivered, failed or cancelled' },
] as const;

/**
 * How this dialect tells events (reference §6): what phones would tell there is told by the gateway, whichever way a
 * message went.
 */
export const form: NotificationForm = {
  name: 'smsgate',

  wants(event, endpoint) {
    const webhook = webhookOf(endpoint);
    const name = nameOf(event);
    if (!webhook || !name || !isOurs(event, name)) return false;
    if (webhook.event !== null && webhook.event !== name) return false;
    return webhook.deviceId === null || webhook.deviceId === phoneOf(event)?.id;
  },

  render(event, endpoint, _view, { now, secret, notificationId }) {
    const name = nameOf(event);
    if (!name) throw new Error(`an event that is not told here: ${event.type}`);
    const body = JSON.stringify({
      id: event.id ?? notificationId,
      webhookId: webhookOf(endpoint)?.id ?? endpoint.id,
      event: name,
      deviceId: phoneOf(event)?.id ?? '',
      payload: payloadOf(event, name),
    });
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

  policy: (_endpoint: Endpoint, view) =>
    policies[settingsOf(view).webhookRetries] as DeliveryPolicy,
};

/** Reference §6: 5 s · 2ⁿ; 30 s for an answer, which is any 2xx. */
const policies: readonly DeliveryPolicy[] = Array.from(
  { length: mostRetries + 1 },
  (_, retries) => ({
    succeeded: (status: number) => status >= 200 && status < 300,
    timeoutMs: 30_000,
    retryDelaysMs: Array.from({ length: retries }, (__, nth) => 5_000 * 2 ** nth),
  }),
);

/** What an event is called here; null where it is not told. */
function nameOf({ type }: Event): WebhookEvent | null {
  switch (type) {
    case 'reply.received':
      return 'sms:received';
    case 'message.sent':
      return 'sms:sent';
    case 'message.delivered':
      return 'sms:delivered';
    case 'message.failed':
      return 'sms:failed';
    case 'message.cancelled':
      return 'sms:cancelled';
    case 'message.accepted':
    case 'message.released':
    case 'part.delivered':
    case 'part.failed':
    case 'link.visited':
    case 'optout.added':
    case 'optout.removed':
      return null;
  }
}

/** Of what other APIs have sent nobody here knows the id. Who asked for no reports is told of none. */
function isOurs(event: Event, name: WebhookEvent): boolean {
  if (!('message' in event)) return true;
  const extras = extrasOf(event.message);
  return extras !== null && !(name === 'sms:delivered' && extras.unreported);
}

/** Which phone it is about; undefined for what went another way. */
function phoneOf(event: Event): { id: string | null; sim: number | null } | undefined {
  if (event.type === 'reply.received') {
    const { device } = event.reply;
    return device === undefined ? undefined : { id: device, sim: null };
  }
  return 'message' in event ? event.message.device : undefined;
}

function payloadOf(event: Event, name: WebhookEvent): object {
  const at = formatIso(event.at);
  if (event.type === 'reply.received') {
    const { id, from, to, text } = event.reply;
    return {
      messageId: id,
      message: text,
      sender: from,
      recipient: shownNumber(to),
      simNumber: null,
      phoneNumber: from,
      receivedAt: at,
    };
  }
  if (!('message' in event)) throw new Error(`an event that is not told here: ${event.type}`);
  return { ...basisOf(event.message), ...newsOf(name, event.message, at) };
}

/** `phoneNumber` is the other one, as it always was. */
function basisOf(message: MessageFacts): object {
  const { id, clientRef, destination, sender, device } = message;
  return {
    messageId: clientRef ?? id,
    sender: shownNumber(sender),
    recipient: destination,
    simNumber: device?.sim ?? null,
    phoneNumber: destination,
  };
}

function newsOf(name: WebhookEvent, message: MessageFacts, at: string): object {
  switch (name) {
    case 'sms:sent':
      return { partsCount: message.parts, sentAt: at };
    case 'sms:delivered':
      return { deliveredAt: at };
    case 'sms:cancelled':
      return { cancelledAt: at };
    case 'sms:failed':
      return { failedAt: at, reason: reasonOf(message) };
    case 'sms:received':
      return {};
  }
}

/** Null for a phone whose number nobody knows. */
function shownNumber(address: string): string | null {
  if (address === phoneSender) return null;
  return /^\d{8,15}$/.test(address) ? `+${address}` : address;
}
