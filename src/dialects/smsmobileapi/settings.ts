import { z } from 'zod';
import { settingsReader } from '../../core/accounts/settings-reader.ts';
import { isTimeZone } from '../../text/time-zone.ts';

/** With which status requests are refused (reference B.4). */
export const errorStyles = ['documented', 'observed'] as const;
export type ErrorStyle = (typeof errorStyles)[number];

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  errors: z
    .enum(errorStyles)
    .nullable()
    .default(null)
    .describe(
      'With which status requests are refused: documented (400, 401, 403), or observed (200, as the service was seen to do; the body says the rest). Null: as dialects.smsmobileapi.errors says.',
    ),
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone such as Europe/Brussels')
    .default('UTC')
    .describe('In which local times are written, such as Europe/Brussels.'),
  defaultSender: z
    .string()
    .min(1)
    .max(16)
    .nullable()
    .default(null)
    .describe(
      'What a message shows for which no phone was chosen. Null: any phone, else the first number of the account, else its first name.',
    ),
  trialLimit: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('A trial account may send so many messages and no more. Null: it is none.'),
  encryptedIntro: z
    .string()
    .max(200)
    .default('You have an encrypted message:')
    .describe('What stands before the link of an encrypted message.'),
  encryptedDays: z
    .int()
    .min(1)
    .max(365)
    .default(30)
    .describe('For how many days an encrypted message can be read, from when it is sent.'),
  encryptedViews: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('How often an encrypted message can be opened.'),
});

export type Settings = z.infer<typeof accountSettings>;

/** An account's settings. */
export const settingsOf = settingsReader('smsmobileapi', accountSettings);
