import { z } from 'zod';
import type { Account, AccountView } from '../../core/accounts/account.ts';

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
    const parsed = accountSettings.safeParse(account.settings['smsgate'] ?? {});
    settings = parsed.success ? parsed.data : defaults;
    read.set(account, settings);
  }
  return settings;
}
