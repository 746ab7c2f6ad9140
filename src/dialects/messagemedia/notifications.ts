import type { AccountView } from '../../core/accounts/account.ts';
import type { Event } from '../../core/events.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { onceFor } from '../../core/once-for.ts';
import type {
  DeliveryPolicy,
  NotificationForm,
  NotificationRequest,
  RenderTime,
} from '../../core/ports/notifier.ts';
import type { Extras } from './extras.ts';
import { extrasOf } from './extras.ts';
import { presentReply, presentReport } from './present.ts';
import { signatureHeaders } from './signing.ts';
import { reportedState } from './statuses.ts';
import { keptTemplate } from './velocity/kept.ts';
import { Work } from './velocity/limits.ts';
import { renderTemplate } from './velocity/render.ts';
import { Slices } from './velocity/slices.ts';
import { contentTypes, defaultBody } from './webhook-body.ts';
import type { WebhookSettings } from './webhook-settings.ts';
import { webhookOf } from './webhook-settings.ts';
import { renderUrl } from './webhook-url.ts';
import { variablesOf, webhookEventOf } from './webhook-variables.ts';

/**
 * What an account's endpoints of this dialect are: those that it has as soon as it can log in (`standing`), the
 * webhooks that its clients make through the API (`webhook`), and one that the owner may set up (`events`).
 */
export const topics = [
  {
    name: 'events',
    title: 'Every report, reply and opt-out of the account, except what a callback_url is told',
  },
] as const;

const standing = [
  { topic: 'reports', via: 'poll' },
  { topic: 'replies', via: 'poll' },
  { topic: 'callback', via: 'request' },
] as const;

/** How this dialect tells events (reference §5 to §8). */
export const form: NotificationForm = {
  name: 'messagemedia',
  standing,

  wants(event, endpoint) {
    switch (endpoint.topic) {
      case 'reports':
        return wantsReport(event);
      case 'replies':
        return event.type === 'reply.received';
      case 'callback':
        return callbackUrlOf(event) !== undefined && (wantsReport(event) || isReply(event));
      case 'webhook':
      case 'events':
        return wantedByWebhook(event, endpoint);
      default:
        return false;
    }
  },

  urlOf: (event) => callbackUrlOf(event) ?? '',

  async render(event, endpoint, view, at) {
    const request =
      endpoint.topic === 'callback'
        ? callback(event, endpoint, view, at)
        : await slices.run(() => webhook(event, endpoint, view, at));
    if (at.signingKey === null) return request;
    const signature = await signatureHeaders(request, at.signingKey, at.now);
    return { ...request, headers: { ...request.headers, ...signature } };
  },

  policy(endpoint) {
    if (endpoint.topic === 'callback') return callbackPolicy;
    const settings = webhookOf(endpoint);
    return settings ? webhookPolicyOf(settings) : callbackPolicy;
  },
};

/** What one request takes at most; one piece of news can be for 150 webhooks at once. */
const slices = new Slices(5);

const isReply = (event: Event): boolean => event.type === 'reply.received';

/** Reference §5.3: one for each change of status of a message that asked for it. */
function wantsReport(event: Event): boolean {
  return reportedState(event) !== null && extrasOfEvent(event).deliveryReport === true;
}

/** Of the message that it is about, or that it answers. */
function extrasOfEvent(event: Event): Extras {
  if (event.type === 'reply.received') return extrasOf(event.reply.original ?? {});
  return 'message' in event ? extrasOf(event.message) : {};
}

function callbackUrlOf(event: Event): string | undefined {
  return extrasOfEvent(event).callbackUrl;
}

/**
 * Webhooks are told of what no `callback_url` is there for (reference §6). Of each message, whether or not it
 * asked for reports: who has subscribed to `DELIVERED_DR` has asked. A wish to be left alone concerns the whole
 * account, and no callback can tell it as such.
 */
function wantedByWebhook(event: Event, endpoint: Endpoint): boolean {
  const name = webhookEventOf(event, webhookOf(endpoint)?.events ?? []);
  return name !== null && (name === 'OPT_OUT_SMS' || callbackUrlOf(event) === undefined);
}

/** Reference §6; the order of the keys is that of a real capture. */
function callback(
  event: Event,
  endpoint: Endpoint,
  view: AccountView,
  { notificationId }: RenderTime,
): NotificationRequest {
  const telling = { view, id: event.id ?? notificationId };
  const payload =
    event.type === 'reply.received'
      ? presentReply(event, telling, 'pushed')
      : presentReport(event, telling, 'pushed');
  return {
    method: 'POST',
    url: callbackUrlOf(event) ?? endpoint.url,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(payload),
  };
}

/**
 * Reference §7: as the webhook's settings say. In a form each value is encoded, as in the URL, so that a text
 * with an ampersand stays one; in JSON and XML a template has `$esc` for that.
 * @throws TemplateError
 */
function webhook(
  event: Event,
  endpoint: Endpoint,
  view: AccountView,
  { notificationId, attempt }: RenderTime,
): NotificationRequest {
  const settings = webhookOf(endpoint);
  const name = settings && webhookEventOf(event, settings.events);
  if (!settings || !name) throw new Error(`an event that is not told here: ${event.type}`);
  const { method, encoding, headers, template } = settings;
  const variables = variablesOf(event, name, { view, id: event.id ?? notificationId, attempt });
  const work = new Work();
  const url = renderUrl(endpoint.url, variables, work);
  if (method === 'GET' || method === 'DELETE') return { method, url, headers, body: '' };
  const as = encoding === 'FORM_ENCODED' ? 'url' : 'text';
  const body = template
    ? renderTemplate(keptTemplate(template), variables, { as, work })
    : defaultBody(name, encoding, variables);
  return { method, url, headers: { ...headers, 'Content-Type': contentTypes[encoding] }, body };
}

const minute = 60_000;
/** Reference §7.1: the default of `read_timeout`; of callbacks no figure is known. */
const usualTimeoutMs = 20_000;

/** "Any 2xx" (reference §6, §7.7). */
const succeeded = (status: number): boolean => status >= 200 && status < 300;

/** "Exponential back-off" (reference §6), of which no figure is known: ten retries within 17 hours. */
const callbackPolicy: DeliveryPolicy = {
  succeeded,
  timeoutMs: usualTimeoutMs,
  retryDelaysMs: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map((minutes) => minutes * minute),
};

const webhookPolicyOf = onceFor(
  ({
    readTimeoutMs = usualTimeoutMs,
    retries,
    retryDelaySeconds = 0,
  }: WebhookSettings): DeliveryPolicy => ({
    succeeded,
    timeoutMs: readTimeoutMs,
    retryDelaysMs: Array.from({ length: retries }, () => retryDelaySeconds * 1000),
  }),
);
