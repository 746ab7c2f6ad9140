import type { Account } from '../accounts/account.ts';

/** Where an account's settings keep it, beside those of the ways in: none of them has this name. */
const name = 'shortLinks';

/** Whether URLs become short ones in all of an account's messages of which their client has not said it himself. */
export function shortensAlways({ settings }: Pick<Account, 'settings'>): boolean {
  const own = settings[name];
  return typeof own === 'object' && own !== null && 'always' in own && own.always === true;
}

/** @returns an account's settings with that said. */
export function withShortensAlways(
  settings: Account['settings'],
  always: boolean,
): Account['settings'] {
  const { [name]: _, ...others } = settings;
  return always ? { ...others, [name]: { always } } : others;
}
