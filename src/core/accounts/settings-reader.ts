import { onceFor } from '../once-for.ts';
import type { Account, AccountView } from './account.ts';

/** What reads stored settings; a schema does. */
interface Form<Settings> {
  parse(stored: unknown): Settings;
  safeParse(stored: unknown): { success: true; data: Settings } | { success: false };
}

/**
 * Makes the function that gives what an account keeps for a way in (`account.settings[name]`). It is read once for
 * each copy of the account in memory; settings that another version of the program wrote and this one cannot read are
 * as good as none.
 * @param form reads an empty object, too.
 */
export function settingsReader<Settings extends object>(
  name: string,
  form: Form<Settings>,
): (view: Pick<AccountView, 'account'>) => Settings {
  const defaults = form.parse({});
  const read = onceFor((account: Account): Settings => {
    const parsed = form.safeParse(account.settings[name] ?? {});
    return parsed.success ? parsed.data : defaults;
  });
  return ({ account }) => read(account);
}
