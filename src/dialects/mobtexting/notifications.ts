import type { AccountView } from '../../core/accounts/account.ts';
import type { Event, MessageFacts } from '../../core/events.ts';
import type { DeliveryPolicy, NotificationForm } from '../../core/ports/notifier.ts';
import type { Payload } from './compose.ts';
import { compose } from './compose.ts';
import { extrasOf } from './extras.ts';
import { visitPayload, wantsVisit } from './link-visits.ts';
import { mobile } from './present.ts';
import { idOf } from './reference.ts';
import { decimals } from './reports.ts';
import { settingsOf } from './settings.ts';
import { statusOf } from './statuses.ts';
import { resourceTime, timeText } from './times.ts';
import { idOfAll } from './unsubscribers.ts';
import type { EventName } from './webhook-settings.ts';
import { isWebhook, statusEventOf, webhookOf } from './webhook-settings.ts';

/** Beside the webhooks that clients make through the API (`webhook`), one that the owner may set up. */
export const topics = [
  { name: 'events', title: 'Every final status of a message, every reply and every opt-out' },
] as const;

/** How this dialect tells events (reference C.7). */
export const form: NotificationForm = {
  name: 'mobtexting',

  wants(event, endpoint) {
    if (event.type === 'link.visited') return wantsVisit(event, endpoint);
    const name = nameOf(event);
    if (name === null) return false;
    if (!isWebhook(endpoint)) return endpoint.topic === 'events';
    const webhook = webhookOf(endpoint);
    if (!webhook?.active) return false;
    if (webhook.subscriptions.some((one) => one.event === name)) return true;
    return 'message' in event && extrasOf(event.message).webhookId === endpoint.id;
  },

  render(event, endpoint, view, { secret }) {
    const webhook = isWebhook(endpoint) ? webhookOf(endpoint) : null;
    const payload = payloadOf(event, view);
    const request = compose(endpoint.url, webhook ?? plain, payload);
    return {
      ...request,
      headers: {
        ...request.headers,
        ...(secret !== null && { Authorization: `Bearer ${secret}` }),
      },
    };
  },

  policy: () => policy,
};

const plain = { method: 'POST', encoding: 'json', headers: {}, payload: null } as const;

/** "Success = 200 or 202 only; 3 retries, 30 minutes apart, then dropped." */
const policy: DeliveryPolicy = {
  succeeded: (status) => status === 200 || status === 202,
  timeoutMs: 30_000,
  retryDelaysMs: Array.from({ length: 3 }, () => 30 * 60_000),
};

/** What an event is called here; null where it is not told. A status is told when it is the last. */
function nameOf(event: Event): EventName | null {
  switch (event.type) {
    case 'message.delivered':
    case 'message.failed':
    case 'message.cancelled':
      return statusEventOf[event.message.medium ?? 'sms'];
    case 'optout.added':
      return 'sms:unsubscription';
    case 'reply.received':
      return 'vmn:message:in';
    case 'message.accepted':
    case 'message.released':
    case 'message.sent':
    case 'part.delivered':
    case 'part.failed':
    case 'link.visited':
    case 'optout.removed':
      return null;
  }
}

function payloadOf(event: Event, view: AccountView): Payload {
  const zone = settingsOf(view).timeZone;
  if ('message' in event) return statusPayload(event.message, event.at, zone);
  if (event.type === 'link.visited') return visitPayload(event);
  if (event.type === 'reply.received') {
    const { reply, at } = event;
    return {
      id: reply.id,
      mobile: mobile(reply.from),
      receiver: mobile(reply.to),
      message: reply.text,
      received_at: timeText(at, zone),
    };
  }
  return {
    id: event.scope?.id ?? idOfAll(event.number),
    receiver: mobile(event.number),
    type: event.scope?.kind ?? 'all',
    value: event.scope?.value ?? '',
    created_at: resourceTime(event.at),
    status: 'Unsubscriber created successfully',
  };
}

/** A delivery report. Instants are seconds as text; what never was is empty. */
function statusPayload(message: MessageFacts, at: number, zone: string): Payload {
  const { custom = '' } = extrasOf(message);
  const submitted = message.createdAt ?? null;
  return {
    id: idOf({ ...message, extras: message.extras ?? null }),
    mobile: mobile(message.destination),
    status: statusOf(message),
    credits: decimals(message.price ?? 0),
    units: message.parts,
    deliv_at: seconds(at),
    sent_at: seconds(message.sentAt),
    submit_at: seconds(submitted),
    deliv_time: timeText(at, zone),
    sent_time: timeText(message.sentAt, zone),
    submit_time: timeText(submitted, zone),
    cid: custom,
    custom,
  };
}

function seconds(at: number | null): string {
  return at === null ? '' : String(Math.floor(at / 1000));
}
