import { GatewayError } from '../../core/errors.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { Endpoint as Held } from '../../core/notifications/endpoint.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { readBody } from './schema.ts';
import { newWebhook, webhookChange } from './webhook-schema.ts';
import type { WebhookSettings } from './webhook-settings.ts';
import { webhookOf } from './webhook-settings.ts';

/** Reference §7.1 (MAPI-894). */
const most = 150;
const usualPageSize = 100;
/** What the documentation's examples have. */
const usualRetryDelaySeconds = 30;

const which = { form: 'messagemedia', topic: 'webhook' } as const;

/** `POST /v1/webhooks/messages` (reference §7.1). */
const create: Handler = async ({ caller, body }, { gateway }) => {
  const wanted = readBody(newWebhook, body);
  const { url, method, encoding, events, headers = {}, read_timeout, retry_delay } = wanted;
  const retries = wanted.retries ?? 0;
  const settings: WebhookSettings = {
    method,
    encoding,
    headers,
    events,
    ...(wanted.template && { template: wanted.template }),
    ...(typeof read_timeout === 'number' && { readTimeoutMs: read_timeout }),
    retries,
    ...(retries > 0 && { retryDelaySeconds: retry_delay ?? usualRetryDelaySeconds }),
  };
  const webhook = await asVendorSays(
    gateway.endpoints.add(
      caller,
      { ...which, url, settings },
      {
        limit: most,
        clashes: (held) => isSame(held, { url, settings }),
      },
    ),
  );
  return { status: 201, body: present(webhook) };
};

/** `GET /v1/webhooks/messages` (reference §7.2): `page` from 0, `page_size` or, of old, `pageSize`. */
const list: Handler = async ({ caller, query }, { gateway }) => {
  const page = readNumber(query, 'page', 0) ?? 0;
  const pageSize =
    readNumber(query, 'page_size', 1) ?? readNumber(query, 'pageSize', 1) ?? usualPageSize;
  const held = await gateway.endpoints.list(caller, which);
  const pageData = held.slice(page * pageSize, (page + 1) * pageSize).map(present);
  return { status: 200, body: { page, pageSize, pageData } };
};

/** `GET /v1/webhooks/messages/{webhookId}`: a node of the vendor's asks so whether it is there (reference §7.3). */
const show: Handler = async (call, context) => ({
  status: 200,
  body: present(await find(call, context.gateway)),
});

/**
 * `PATCH /v1/webhooks/messages/{webhookId}` (reference §7.4). Null is as if it were left out, so a template that is
 * to go away is set to the empty text.
 */
const change: Handler = async ({ caller, params, body }, { gateway }) => {
  const { url, ...changes } = readBody(webhookChange, body);
  const given = Object.entries(changes).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  if (given.length === 0 && !url) {
    throw new GatewayError('invalid_request', 'At least one field must be provided.');
  }
  const changed = await asVendorSays(
    gateway.endpoints.change(
      caller,
      { ...which, id: params['webhookId'] as EndpointId },
      (held) => {
        const settings = { ...held.settings, ...Object.fromEntries(given) };
        if (settings['template'] === '') delete settings['template'];
        return { ...(url && { url }), settings };
      },
      isSame,
    ),
  );
  if (!changed) throw notFound();
  return { status: 200, body: present(changed) };
};

/** `DELETE /v1/webhooks/messages/{webhookId}` (reference §7.5). */
const remove: Handler = async ({ caller, params }, { gateway }) => {
  const id = params['webhookId'] as EndpointId;
  if (!(await gateway.endpoints.remove(caller, { ...which, id }))) throw notFound();
  return { status: 204 };
};

export const webhookEndpoints: readonly Endpoint[] = [
  {
    path: '/v1/webhooks/messages',
    family: 'management',
    methods: { GET: list, POST: create },
  },
  {
    path: '/v1/webhooks/messages/:webhookId',
    family: 'management',
    methods: { GET: show, PATCH: change, DELETE: remove },
  },
];

type Gateway = Parameters<Handler>[1]['gateway'];

async function find({ caller, params }: Call, gateway: Gateway): Promise<Held> {
  const held = await gateway.endpoints.list(caller, which);
  const found = held.find(({ id }) => id === params['webhookId']);
  if (!found) throw notFound();
  return found;
}

function notFound(): GatewayError {
  return new GatewayError('not_found', 'Resource not found.');
}

/** Two webhooks must differ in URL or method. */
function isSame(one: Pick<Held, 'url' | 'settings'>, other: Pick<Held, 'url' | 'settings'>) {
  return one.url === other.url && webhookOf(one)?.method === webhookOf(other)?.method;
}

async function asVendorSays<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'already_exists') throw error;
    const words = 'A webhook with the given url and method already exists.';
    throw new GatewayError('already_exists', words, { cause: error });
  }
}

/** What was not set is left out (reference §7.1). */
function present({ id, url, ...endpoint }: Held): object {
  const webhook = webhookOf(endpoint);
  return {
    id,
    url,
    method: webhook?.method,
    encoding: webhook?.encoding,
    headers: webhook?.headers,
    events: webhook?.events,
    template: webhook?.template,
    read_timeout: webhook?.readTimeoutMs,
    retries: webhook?.retries,
    retry_delay: webhook?.retryDelaySeconds,
  };
}

function readNumber(query: Query, name: string, least: number): number | undefined {
  const text = parameter(query, name);
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) {
    throw new GatewayError('invalid_request', `${name} property value is invalid`);
  }
  return Number(text);
}
