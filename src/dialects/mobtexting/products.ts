import type { AccountView } from '../../core/accounts/account.ts';
import type { Medium } from '../../core/messages/medium.ts';
import { settingsOf } from './settings.ts';

/** What stands in `service`. */
export interface ProductWords {
  code: string;
  name: string;
  medium: Medium;
}

/** The seed's list. */
const documented: readonly ProductWords[] = [
  { code: 'T', name: 'Transactional SMS', medium: 'sms' },
  { code: 'P', name: 'Promotional SMS', medium: 'sms' },
  { code: 'S', name: 'TransScrub SMS', medium: 'sms' },
  { code: 'G', name: 'Global SMS', medium: 'sms' },
  { code: 'VOC', name: 'Voice Flow', medium: 'voice' },
  { code: 'WAP', name: 'Whatsapp Messaging', medium: 'whatsapp' },
  { code: 'RCS', name: 'RCS Messaging', medium: 'rcs' },
  { code: 'VBR', name: 'Viber Messaging', medium: 'viber' },
];

/**
 * The products that an account may name: those of the seed, those of its settings, which may rename one, and those that
 * the owner offers it, under the name that he gave them.
 */
export function productsOf(view: AccountView): Map<string, ProductWords> {
  const known = new Map(documented.map((one) => [one.code, one]));
  for (const [code, { name, medium }] of Object.entries(settingsOf(view).products)) {
    known.set(code, { code, name, medium });
  }
  for (const { code, name } of view.products.values()) {
    const { medium = 'sms', name: usual = name } = known.get(code) ?? {};
    // The owner's tools give a product its code for a name where he gives it none.
    known.set(code, { code, medium, name: name === code ? usual : name });
  }
  return known;
}

/**
 * The usual product of a medium: the first of the list. Not the first that is offered: a purse that a client did not
 * name would be used up, and an empty one would stop what the account's own credit pays.
 */
export function productFor(view: AccountView, medium: Medium): ProductWords | undefined {
  return [...productsOf(view).values()].find((one) => one.medium === medium);
}
