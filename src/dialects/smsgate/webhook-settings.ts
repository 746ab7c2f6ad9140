import { z } from 'zod';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { onceFor } from '../../core/once-for.ts';

/** What webhooks are told of. */
export const webhookEvents = [
  'sms:received',
  'sms:sent',
  'sms:delivered',
  'sms:failed',
  'sms:cancelled',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Others of reference §6: of these a phone knows, and nobody else. */
export const otherEvents = [
  'sms:data-received',
  'mms:received',
  'mms:downloaded',
  'app:started',
  'system:ping',
] as const;

/** What an endpoint keeps that is a webhook of this API, beside its URL. */
const form = z.object({
  /** As its client calls it; null: by the endpoint's id. */
  id: z.string().nullable().default(null),
  /** Null: all of them. What the owner sets up has none. */
  event: z.enum(webhookEvents).nullable().default(null),
  /** Of this phone alone. */
  deviceId: z.string().nullable().default(null),
});

export type WebhookSettings = z.infer<typeof form>;

const read = onceFor(
  (settings: Endpoint['settings']): WebhookSettings | null => form.safeParse(settings).data ?? null,
);

/** Null for what another version of the program wrote and this one cannot read: nothing is told there. */
export function webhookOf({ settings }: Pick<Endpoint, 'settings'>): WebhookSettings | null {
  return read(settings);
}
