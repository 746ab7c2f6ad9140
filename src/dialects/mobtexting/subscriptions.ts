import { z } from 'zod';
import type { Caller } from '../../core/accounts/authenticate.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Gateway } from '../../core/gateway.ts';
import type { EndpointId } from '../../core/ids.ts';
import type { Endpoint as Held } from '../../core/notifications/endpoint.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { noEntity } from './entity.ts';
import { deleted, ok } from './envelope.ts';
import { paged, pageOf, paginator } from './paginator.ts';
import { invalid, oneOf, missing, optional, read, required } from './schema.ts';
import { resourceTime } from './times.ts';
import type { Subscription } from './webhook-settings.ts';
import { eventNames, webhookOf, webhookTopic } from './webhook-settings.ts';

/** The only source that events are told apart by: none. */
const everything = 'all';
const mostOfWebhook = 50;

const wish = z.object({
  event: oneOf(eventNames),
  identity: optional(100),
  webhook_id: required(64),
});

/** A subscription with the webhook that keeps it. */
interface Row {
  webhook: Held;
  subscription: Subscription;
}

/** `GET developer/subscriptions`: the newest first. */
const listAll: Handler = async (call, { gateway }) => {
  const at = pageOf(call);
  const found = paged((await rowsOf(call.caller, gateway)).toReversed(), at);
  return ok('Subscriptions List', found.rows.map(present), paginator(found, at, call));
};

/** `POST developer/subscriptions` */
const create: Handler = async (call, { gateway, clock }) => {
  const { event, identity = everything, webhook_id: id } = read(wish, call.input);
  if (event === undefined) throw missing('event');
  if (identity !== everything) throw invalid('identity', 'The selected identity is invalid.');
  const createdAt = clock.now();
  for (;;) {
    const held = await rowsOf(call.caller, gateway);
    const next = Math.max(0, ...held.map(({ subscription }) => subscription.id)) + 1;
    const subscription: Subscription = { id: next, event, createdAt };
    const webhook = await subscribe(call.caller, gateway, id as EndpointId, subscription);
    if (webhook === null) throw invalid('webhook_id', 'The selected webhook id is invalid.');
    // Somebody took the number meanwhile: the next one is tried.
    if (webhook === 'taken') continue;
    return ok('Subscription Saved Successfully', present({ webhook, subscription }));
  }
};

/** `GET developer/subscriptions/{id}` */
const show: Handler = async (call, { gateway }) =>
  ok('Subscription', present(await find(call, gateway)));

/** `DELETE developer/subscriptions/{id}` */
const remove: Handler = async (call, { gateway }) => {
  const { webhook, subscription } = await find(call, gateway);
  await gateway.endpoints.change(call.caller, { ...webhookTopic, id: webhook.id }, (held) => ({
    settings: {
      ...held.settings,
      subscriptions: (webhookOf(held)?.subscriptions ?? []).filter(
        ({ id }) => id !== subscription.id,
      ),
    },
  }));
  return deleted('Subscription Deleted successfully');
};

export const subscriptionEndpoints: readonly Endpoint[] = [
  { path: '/developer/subscriptions', methods: { GET: listAll, POST: create } },
  { path: '/developer/subscriptions/:id', methods: { GET: show, DELETE: remove } },
];

/** By number, over all webhooks. */
async function rowsOf(caller: Caller, gateway: Gateway): Promise<Row[]> {
  const held = await gateway.endpoints.list(caller, webhookTopic);
  const rows = held.flatMap((webhook) =>
    (webhookOf(webhook)?.subscriptions ?? []).map((subscription) => ({ webhook, subscription })),
  );
  return rows.toSorted((one, other) => one.subscription.id - other.subscription.id);
}

/** Null where there is no such webhook. */
async function subscribe(
  caller: Caller,
  gateway: Gateway,
  id: EndpointId,
  subscription: Subscription,
): Promise<Held | null | 'taken'> {
  const numbers = (held: Held): number[] =>
    (webhookOf(held)?.subscriptions ?? []).map((one) => one.id);
  try {
    const changed = await gateway.endpoints.change(
      caller,
      { ...webhookTopic, id },
      (held) => {
        const before = webhookOf(held)?.subscriptions ?? [];
        if (before.length >= mostOfWebhook) {
          throw invalid('webhook_id', `A webhook has at most ${mostOfWebhook} subscriptions.`);
        }
        if (before.some((one) => one.id === subscription.id)) throw taken();
        return { settings: { ...held.settings, subscriptions: [...before, subscription] } };
      },
      (_changed, other) => numbers(other).includes(subscription.id),
    );
    return changed ?? null;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'already_exists') return 'taken';
    throw error;
  }
}

function taken(): GatewayError {
  return new GatewayError('already_exists', 'This number is taken.');
}

async function find({ caller, params }: Call, gateway: Gateway): Promise<Row> {
  const rows = await rowsOf(caller, gateway);
  const found = rows.find(({ subscription }) => String(subscription.id) === params['id']);
  if (!found) throw noEntity();
  return found;
}

function present({ webhook, subscription }: Row) {
  return {
    id: subscription.id,
    event: subscription.event,
    identity: everything,
    payload: [],
    webhook_id: webhook.id,
    created_at: resourceTime(subscription.createdAt),
  };
}
