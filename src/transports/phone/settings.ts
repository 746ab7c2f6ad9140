import { z } from 'zod';
import type { DevicePolicy } from '../../core/devices/device.ts';

/** The relay of the app's makers, which alone can reach their push service. */
const publicRelay = 'https://api.sms-gate.app/upstream/v1/push';
const minuteMs = 60_000;

export const phoneSettings = z.strictObject({
  silentMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(30)
    .describe(
      'After how many minutes without a word a phone is silent: what waits for it goes to another.',
    ),
  pace: z
    .strictObject({ parts: z.int().min(1).max(10_000), minutes: z.int().min(1).max(1440) })
    .nullable()
    // As much as Android lets an app send without asking its user.
    .default({ parts: 30, minutes: 30 })
    .describe(
      'How much a phone is given until something else is set for it; null: as fast as it takes it.',
    ),
  whenSilent: z
    .enum(['wait', 'elsewhere'])
    .default('wait')
    .describe(
      'With all phones of an account silent, messages wait for them, or take the next link of their route.',
    ),
  unconfirmedMinutes: z
    .int()
    .min(1)
    .max(10_080)
    .default(15)
    .describe(
      'After how many minutes a message that a phone began to send counts as sent, although it never said so.',
    ),
  codeSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(60)
    .describe('How long a one-time code for enrolling a phone is good; 0: there are none.'),
  push: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).default(publicRelay),
      allow: z.array(z.string().min(1)).default([]),
    })
    .nullable()
    .default(null)
    .describe(
      'Wakes phones through the relay of the app’s makers, which learns when each is sent something. Default: it is not used.',
    ),
  window: z
    .int()
    .min(1)
    .max(10_000)
    .default(1_000)
    .describe('How many messages may be on their way into the queues at once.'),
});

export type PhoneSettings = z.infer<typeof phoneSettings>;

/** How the core deals with phones, by the settings of their link. */
export function devicePolicyOf(settings: PhoneSettings): DevicePolicy {
  return {
    pace: settings.pace,
    silentAfterMs: settings.silentMinutes * minuteMs,
    whenSilent: settings.whenSilent,
    unconfirmedAfterMs: settings.unconfirmedMinutes * minuteMs,
  };
}
