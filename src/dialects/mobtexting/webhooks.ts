import { z } from 'zod';
import { requireAllowed } from '../../core/rates.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { Endpoint as Held } from '../../core/notifications/endpoint.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { splitUrl, unknownPlace } from './compose.ts';
import { composedBody, isModest, textsIn } from './composed-body.ts';
import { noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { paged, pageOf, paginator } from './paginator.ts';
import { flag, invalid, missing, oneOf, optional, read } from './schema.ts';
import { resourceTime } from './times.ts';
import type { WebhookSettings } from './webhook-settings.ts';
import { encodings, webhookMethods, webhookOf, webhookTopic } from './webhook-settings.ts';

/** Of one account. */
const most = 100;
const longestUrl = 2_000;
/** Asking a receiver whether it is there is a request that leaves: so many of one account. */
const challenges = { most: 30, windowMs: 60_000 };
const patienceMs = 10_000;

/** A text of which nothing is trimmed: a secret is what it is. */
const secret = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[\x21-\x7e]+$/)
  .nullish();

const composedHeaders = z
  .record(z.string().max(100), z.string().max(1_000))
  .refine((all) => Object.keys(all).length <= 50, 'format');

const fields = z.object({
  name: optional(100),
  uri: optional(longestUrl),
  status: flag,
  secret,
  token: optional(255),
  method: oneOf(webhookMethods),
  type: oneOf(encodings),
  headers: composedHeaders.nullish(),
  payload: composedBody.refine(isModest, 'format').nullish(),
});
type Fields = z.infer<typeof fields>;

const filters = z.object({ filter: z.object({ name: optional() }).optional() });

/** `GET developer/webhooks`: the page's sample says `Created successfully`, and so do the vendor's answers. */
const listAll: Handler = async (call, { gateway }) => {
  const { filter } = read(filters, call.input);
  const wanted = filter?.name?.toLowerCase();
  const held = await gateway.endpoints.list(call.caller, webhookTopic);
  const fitting = held.filter(
    (one) => !wanted || webhookOf(one)?.name.toLowerCase().includes(wanted),
  );
  const at = pageOf(call);
  const found = paged(fitting, at);
  return ok('Created successfully', found.rows.map(present), paginator(found, at, call));
};

/** `POST developer/webhooks`: with a `token` its receiver must show that it is there. */
const create: Handler = async (call, context) => {
  const wanted = read(fields, call.input);
  const { name, uri } = wanted;
  if (name === undefined) throw missing('name');
  if (uri === undefined) throw missing('uri');
  check(wanted);
  if (wanted.token !== undefined) await verify(call, context, uri, wanted.token, wanted.secret);
  const settings: WebhookSettings = {
    name,
    active: wanted.status ?? true,
    verified: wanted.token !== undefined,
    method: wanted.method ?? 'POST',
    encoding: wanted.type ?? 'json',
    headers: wanted.headers ?? {},
    payload: wanted.payload ?? null,
    subscriptions: [],
    changedAt: context.clock.now(),
  };
  const added = await context.gateway.endpoints.add(
    call.caller,
    { ...webhookTopic, url: uri, settings, secret: wanted.secret ?? null },
    { limit: most, clashes: () => false },
  );
  return ok('Created successfully', present(added));
};

/** `GET developer/webhooks/{id}`: here the status is a number. */
const show: Handler = async (call, { gateway }) => {
  const held = await findWebhook(call, gateway);
  const row = present(held);
  return ok('OK', { ...row, status: Number(row.status) });
};

/** `PUT developer/webhooks/{id}`: what is left out stays as it is; another `uri` is asked as a new one is. */
const update: Handler = async (call, context) => {
  const wanted = read(fields, call.input);
  check(wanted);
  const { gateway, clock } = context;
  const before = await findWebhook(call, gateway);
  const { uri = before.url, token } = wanted;
  if (token !== undefined) {
    const kept = wanted.secret ?? gateway.endpoints.secretOf(before);
    await verify(call, context, uri, token, kept);
  }
  const changed = await gateway.endpoints.change(
    call.caller,
    { ...webhookTopic, id: before.id },
    (held) => {
      const settings = webhookOf(held);
      if (!settings) throw noEntity();
      const verified = token !== undefined || (settings.verified && uri === held.url);
      return {
        url: uri,
        settings: {
          ...settings,
          name: wanted.name ?? settings.name,
          active: wanted.status ?? settings.active,
          verified,
          method: wanted.method ?? settings.method,
          encoding: wanted.type ?? settings.encoding,
          headers: wanted.headers ?? settings.headers,
          payload: wanted.payload ?? settings.payload,
          changedAt: clock.now(),
        },
        ...(typeof wanted.secret === 'string' && { secret: wanted.secret }),
      };
    },
  );
  if (!changed) throw noEntity();
  return ok('Updated successfully', present(changed));
};

/** `DELETE developer/webhooks/{id}`, with what is subscribed there. */
const remove: Handler = async (call, { gateway }) => {
  const { id } = await findWebhook(call, gateway);
  if (!(await gateway.endpoints.remove(call.caller, { ...webhookTopic, id }))) throw noEntity();
  return deleted('Deleted successfully');
};

export const webhookEndpoints: readonly Endpoint[] = [
  { path: '/developer/webhooks', methods: { GET: listAll, POST: create } },
  { path: '/developer/webhooks/:id', methods: { GET: show, PUT: update, DELETE: remove } },
];

/** The webhook that the path names. @throws GatewayError `not_found`. */
async function findWebhook({ caller, params }: Call, gateway: Gateway): Promise<Held> {
  const held = await gateway.endpoints.list(caller, webhookTopic);
  const found = held.find(({ id }) => id === (params['id'] as EndpointId));
  if (!found) throw noEntity();
  return found;
}

/** RFC 9110 section 5.6.2, and the names that are ours to say. */
const headerName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const reserved =
  /^(?:authorization|connection|content-length|content-type|date|expect|host|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i;

/** What each field allows and a request could not be made of. @throws GatewayError `invalid_request`. */
function check({ uri, headers, payload }: Fields): void {
  if (uri !== undefined && !isUri(uri)) throw invalid('uri', 'The uri format is invalid.');
  for (const [name, value] of Object.entries(headers ?? {})) {
    const fine =
      headerName.test(name) && !reserved.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (!fine) throw invalid(`headers.${name}`, 'The headers format is invalid.');
  }
  const written = [uri ?? '', ...Object.values(headers ?? {}), ...textsIn(payload ?? null)];
  for (const text of written) {
    if (!text.isWellFormed() || text.includes('\0')) {
      throw invalid('payload', 'The payload format is invalid.');
    }
    const place = unknownPlace(text);
    if (place !== undefined) throw invalid('payload', `There is no {{${place}}} to be told.`);
  }
}

/** http or https, without a name or password, and with its places behind the host. */
function isUri(text: string): boolean {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  const isHttp = protocol === 'http:' || protocol === 'https:';
  return isHttp && username === '' && password === '' && !/[{}]/.test(splitUrl(text).origin);
}

/**
 * Asks the receiver whether it is there (reference C.7): it must send the challenge back.
 * @throws GatewayError `invalid_request` when it does not, `too_many_attempts` for a client who asks too often.
 */
async function verify(
  { caller }: Call,
  { gateway, ask }: DialectContext,
  uri: string,
  token: string,
  shown: string | null | undefined,
): Promise<void> {
  const wait = await gateway.allow(`webhook challenges ${caller.view.account.id}`, challenges);
  requireAllowed(wait, 'Too Many Attempts.');
  const challenge = gateway.endpoints.newChallenge();
  const url = new URL(uri);
  url.searchParams.append('token', token);
  const answer = await ask({
    method: 'POST',
    url: url.href,
    headers: {
      'Content-Type': 'application/json',
      ...(shown && { Authorization: `Bearer ${shown}` }),
    },
    body: JSON.stringify({ validation_key: token, challenge }),
    timeoutMs: patienceMs,
  });
  if (answer?.status === 200 && challengeIn(answer.body) === challenge) return;
  throw invalid('uri', 'The uri did not answer the verification challenge.');
}

const answered = z.object({ challenge: z.string() });

function challengeIn(body: string): string | undefined {
  try {
    return answered.safeParse(JSON.parse(body)).data?.challenge;
  } catch {
    return undefined;
  }
}

/** What was a secret is shown as the page shows it. */
function present({ id, url, createdAt, ...held }: Held) {
  const webhook = webhookOf(held);
  return {
    id,
    name: webhook?.name ?? null,
    uri: url,
    secret: held.secret === null ? null : '*****',
    verification_code: webhook?.verified ? '*****' : null,
    status: webhook?.active ? '1' : '0',
    created_at: resourceTime(createdAt),
    updated_at: resourceTime(webhook?.changedAt ?? createdAt),
  };
}
