import { z } from 'zod';
import type { Endpoint } from '../../core/notifications/endpoint.ts';
import { onceFor } from '../../core/once-for.ts';

export const methods = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const;
export const encodings = ['JSON', 'FORM_ENCODED', 'XML'] as const;
/** Reference §7.6. */
export const webhookEvents = [
  'RECEIVED_SMS',
  'OPT_OUT_SMS',
  'RECEIVED_MMS',
  'ENROUTE_DR',
  'EXPIRED_DR',
  'REJECTED_DR',
  'FAILED_DR',
  'DELIVERED_DR',
  'SUBMITTED_DR',
] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** What an endpoint keeps that is a webhook of this API, beside its URL (reference §7.1). */
const form = z.object({
  method: z.enum(methods).default('POST'),
  encoding: z.enum(encodings).default('JSON'),
  headers: z.record(z.string(), z.string()).default({}),
  /** Default all: what the owner sets up has no list of them. */
  events: z.array(z.enum(webhookEvents)).default([...webhookEvents]),
  template: z.string().optional(),
  readTimeoutMs: z.number().optional(),
  retries: z.number().default(0),
  /** Kept where there are retries. */
  retryDelaySeconds: z.number().optional(),
});

export type WebhookSettings = z.infer<typeof form>;

const read = onceFor(
  (settings: Endpoint['settings']): WebhookSettings | null => form.safeParse(settings).data ?? null,
);

/** Null for what another version of the program wrote and this one cannot read: nothing is told there. */
export function webhookOf({ settings }: Pick<Endpoint, 'settings'>): WebhookSettings | null {
  return read(settings);
}
