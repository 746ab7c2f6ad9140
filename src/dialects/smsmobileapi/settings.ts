import { z } from 'zod';
import type { Account, AccountView } from '../../core/accounts/account.ts';
import { isTimeZone } from '../../text/time-zone.ts';

/** What an account keeps for this dialect. */
export const accountSettings = z.strictObject({
  errors: z
    .enum(['documented', 'observed'])
    .default('documented')
    .describe(
      'With which status requests are refused: documented (400, 401, 403), or observed (200, as the service was seen to do; the body says the rest).',
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
    .describe('For how many days an encrypted message can be read.'),
  encryptedViews: z
    .int()
    .min(1)
    .max(1000)
    .default(5)
    .describe('How often an encrypted message can be opened.'),
});

export type Settings = z.infer<typeof accountSettings>;

const defaults = accountSettings.parse({});
const read = new WeakMap<Account, Settings>();

/**
 * An account's settings. Read once for each copy of the account in memory; settings that another
 * version of the program wrote and this one cannot read are as good as none.
 */
export function settingsOf({ account }: Pick<AccountView, 'account'>): Settings {
  let settings = read.get(account);
  if (!settings) {
    const parsed = accountSettings.safeParse(account.settings['smsmobileapi'] ?? {});
    settings = parsed.success ? parsed.data : defaults;
    read.set(account, settings);
  }
  return settings;
}
