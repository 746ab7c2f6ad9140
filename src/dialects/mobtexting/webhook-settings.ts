import { z } from 'zod';
import type { Medium } from '../../core/messages/medium.ts';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { onceFor } from '../../core/once-for.ts';
import { composedBody } from './composed-body.ts';

/** Of the documented events those that can be told here. */
export const eventNames = [
  'sms:message:status',
  'sms:unsubscription',
  'whatsapp:message:status',
  'rcs:message:status',
  'viber:message:status',
  'voice:message:out',
  'vmn:message:in',
] as const;
export type EventName = (typeof eventNames)[number];

/** What tells the status of a message. */
export const statusEventOf: Record<Medium, EventName> = {
  sms: 'sms:message:status',
  mms: 'sms:message:status',
  voice: 'voice:message:out',
  whatsapp: 'whatsapp:message:status',
  rcs: 'rcs:message:status',
  viber: 'viber:message:status',
};

export const webhookMethods = ['GET', 'POST', 'PUT'] as const;
export const encodings = ['json', 'form'] as const;

const subscription = z.object({
  id: z.number(),
  event: z.enum(eventNames),
  createdAt: z.number(),
});
export type Subscription = z.infer<typeof subscription>;

/** What an endpoint keeps that is a webhook of this API, beside its URL and its secret. */
const form = z.object({
  name: z.string(),
  active: z.boolean(),
  /** Its receiver has been asked whether it is there. */
  verified: z.boolean(),
  /** A request of the client's own composition; as documented where nothing says otherwise. */
  method: z.enum(webhookMethods).default('POST'),
  encoding: z.enum(encodings).default('json'),
  headers: z.record(z.string(), z.string()).default({}),
  payload: composedBody.nullable().default(null),
  /** What is told here beside the messages that name it. */
  subscriptions: z.array(subscription).default([]),
  changedAt: z.number(),
});
export type WebhookSettings = z.infer<typeof form>;

export const webhookTopic = { form: 'mobtexting', topic: 'webhook' } as const;

/** Is it one that a client made through the API? */
export function isWebhook({ form: name, topic }: Pick<Endpoint, 'form' | 'topic'>): boolean {
  return name === webhookTopic.form && topic === webhookTopic.topic;
}

const readSettings = onceFor(
  (settings: Endpoint['settings']): WebhookSettings | null => form.safeParse(settings).data ?? null,
);

/** Null for what another version of the program wrote and this one cannot read: nothing is told there. */
export function webhookOf({ settings }: Pick<Endpoint, 'settings'>): WebhookSettings | null {
  return readSettings(settings);
}
