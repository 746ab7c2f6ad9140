import { GatewayError } from '../../core/errors.ts';
import type { Endpoint as Held } from '../../core/notifications/endpoint.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { invalid, readBody, webhook } from './schema.ts';
import type { WebhookSettings } from './webhook-settings.ts';
import { otherEvents, webhookEvents, webhookOf } from './webhook-settings.ts';

/** Each is told for itself. */
const most = 100;

const which = { form: 'smsgate', topic: 'webhook' } as const;
type Gateway = Parameters<Handler>[1]['gateway'];

/** `GET /webhooks` */
const list: Handler = async ({ caller }, { gateway }) => {
  const held = await gateway.endpoints.list(caller, which);
  return { status: 200, body: held.map(present) };
};

/**
 * `POST /webhooks`: one of an id that there is already is replaced. The answer has the key with which what is told is
 * signed, the same for all of the account's: nobody could read it off a phone here.
 */
const register: Handler = async (call, { gateway }) => {
  const wanted = readBody(webhook, call.body);
  const { url } = wanted;
  if (!isWebhookUrl(url)) throw invalid('url', 'a URL that begins with https://');
  const settings: WebhookSettings = {
    id: wanted.id || null,
    event: eventOf(wanted.event),
    deviceId: wanted.deviceId || null,
  };
  if (settings.deviceId && !(await gateway.devices.find(call.caller, settings.deviceId))) {
    throw new GatewayError('invalid_request', 'device not found');
  }
  const made = await write(call, gateway, { url, settings });
  return {
    status: 201,
    body: { ...present(made), signingKey: gateway.endpoints.secretOf(made) ?? undefined },
  };
};

/** `DELETE /webhooks/{id}`: what there is not, or no more, is no error (as the reference server has it). */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  const held = await find(caller, gateway, params['id'] ?? '');
  if (held) await gateway.endpoints.remove(caller, { ...which, id: held.id });
  return { status: 204 };
};

export const webhookEndpoints: readonly Endpoint[] = [
  {
    path: '/webhooks',
    methods: {
      GET: { scope: 'webhooks:list', handle: list },
      POST: { scope: 'webhooks:write', handle: register },
    },
  },
  { path: '/webhooks/:id', methods: { DELETE: { scope: 'webhooks:delete', handle: remove } } },
];

async function write(
  call: Call,
  gateway: Gateway,
  { url, settings }: { url: string; settings: WebhookSettings },
): Promise<Held> {
  const { caller } = call;
  const { id } = settings;
  const before = id === null ? undefined : await find(caller, gateway, id);
  const changed =
    before &&
    (await gateway.endpoints.change(caller, { ...which, id: before.id }, (held) => ({
      url,
      settings: { ...settings, id: webhookOf(held)?.id ?? null },
    })));
  if (changed) return changed;
  const wanted = { ...which, url, settings, signed: true };
  const clashes = (held: Held): boolean => id !== null && nameOf(held) === id;
  try {
    return await gateway.endpoints.add(caller, wanted, { limit: most, clashes });
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'already_exists') throw error;
    // Somebody has just made it: it is there to be replaced.
    return write(call, gateway, { url, settings });
  }
}

async function find(
  caller: Call['caller'],
  gateway: Gateway,
  id: string,
): Promise<Held | undefined> {
  const held = await gateway.endpoints.list(caller, which);
  return held.find((one) => nameOf(one) === id);
}

/** As clients call it. */
function nameOf(held: Held): string {
  return webhookOf(held)?.id ?? held.id;
}

function present(held: Held): object {
  const settings = webhookOf(held);
  return {
    id: nameOf(held),
    deviceId: settings?.deviceId ?? null,
    url: held.url,
    event: settings?.event ?? null,
  };
}

function eventOf(written: string): WebhookSettings['event'] {
  const event = webhookEvents.find((one) => one === written);
  if (event) return event;
  if (otherEvents.some((one) => one === written)) {
    const sentence = `Webhooks of ${written} are not told: only phones know of it.`;
    throw new GatewayError('invalid_request', sentence, { field: 'event' });
  }
  throw invalid('event', `one of ${webhookEvents.join(', ')}`);
}

/** White space of any script, and what is not to be seen. */
const unfit = /[\s\p{Cc}]/u;

/** https, or, as the app allows it too, http to the machine itself. */
function isWebhookUrl(text: string): boolean {
  if (unfit.test(text) || !URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  if (protocol === 'https:') return true;
  return protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost');
}
