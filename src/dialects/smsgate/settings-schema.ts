import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import { readBody } from './schema.ts';

const periods = ['Disabled', 'PerMinute', 'Per30Minutes', 'PerHour', 'PerDay'] as const;
/** Of seconds and of messages; no phone needs more. */
const most = 1_000_000;

const whole = (least: number) => z.int().min(least).max(most).nullable().optional();
const untouched = z.union([z.literal(''), z.null()]).optional();
/** A whole group that is null is not there. */
const group = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z
    .object(shape)
    .nullish()
    .transform((value) => value ?? undefined);

/**
 * DeviceSettings (reference §3.7). Of each key: left out, it stays; null, it is the default. What phones do by
 * themselves (how long they keep their logs, in which order they send) is nothing that the gateway tells them, and is
 * passed over like any key that is not known.
 */
const deviceSettings = z.object({
  messages: group({
    send_interval_min: whole(1),
    send_interval_max: whole(1),
    limit_period: z.enum(periods).nullable().optional(),
    limit_value: whole(0),
    sim_selection_mode: z.enum(['OSDefault', 'RoundRobin', 'Random']).nullable().optional(),
  }),
  ping: group({ interval_seconds: whole(1) }),
  encryption: group({ passphrase: untouched }),
  webhooks: group({ signing_key: untouched }),
  gateway: group({ cloud_url: untouched, private_token: untouched }),
});

export type WireSettings = Pick<z.infer<typeof deviceSettings>, 'messages' | 'ping'>;

/** What would lead a phone away from its gateway, or hide from it what it sends (reference §11). */
const refused = ['passphrase', 'signing_key', 'cloud_url', 'private_token'];

/** @throws GatewayError `invalid_json`, `invalid_request`; ZodError. */
export function readSettings(body: Buffer | undefined): WireSettings {
  try {
    return readBody(deviceSettings, body);
  } catch (error) {
    const issue = error instanceof z.ZodError ? error.issues[0] : undefined;
    const key = issue?.path.at(-1);
    if (typeof key !== 'string' || !refused.includes(key)) throw error;
    const field = issue?.path.join('.');
    throw new GatewayError('invalid_request', `${field} cannot be set here.`, { field });
  }
}
