import { z } from 'zod';
import { settingsReader } from '../../core/accounts/settings-reader.ts';

/** Reference §6: fifteen, the last gap of which is nearly a day. */
export const mostRetries = 15;

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  defaultSender: z
    .string()
    .min(1)
    .max(16)
    .nullable()
    .default(null)
    .describe(
      'What a message shows that names no phone. Null: any of the account’s phones; without phones its first number, else its first name.',
    ),
  webhookRetries: z
    .int()
    .min(0)
    .max(mostRetries)
    .default(mostRetries)
    .describe('How often a webhook is told again that did not answer: after 5 s, 10 s, 20 s …'),
});

/** An account's settings. */
export const settingsOf = settingsReader('smsgate', accountSettings);
