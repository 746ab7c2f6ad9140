import type { Command } from 'commander';
import type { Account } from '../../core/accounts/account.ts';
import { usageError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { samples } from '../shared/samples.ts';
import type { AccountOptions } from './fields.ts';
import { accountFields, settingsOfOptions } from './fields.ts';
import { showAccount } from './show.ts';

/** `parlance account set` */
export function addSet(group: Command, kit: Kit): void {
  const command = accountFields(
    group
      .command('set')
      .argument('<account>', 'its name')
      .description('Change an account. A running server follows within a second.'),
  ).action(
    storageAction(kit, async (session, options: AccountOptions, name: string) => {
      if (Object.keys(options).length === 0) {
        throw usageError('Say what to change: see `parlance account set --help`.');
      }
      const account = await findAccount(session, name);
      const changed: Account = {
        ...account,
        homeCountry: options.homeCountry ?? account.homeCountry,
        allowedCountries: options.allow ?? account.allowedCountries,
        pricePerPart: options.price ?? account.pricePerPart,
        refundPolicy: options.refund ?? account.refundPolicy,
        duplicateWindowMs: options.duplicateWindow ?? account.duplicateWindowMs,
        settings: settingsOfOptions(account.settings, options, session.context),
      };
      await session.gateway.owner.updateAccount(changed);
      await showAccount(session, changed);
    }),
  );
  const { setting } = samples(kit.context);
  examples(command, [
    ['parlance account set shop --allow AU,NZ --price 0.9', 'where to, and for how much'],
    [`parlance account set shop --setting ${setting}=<value>`, 'what one API does for it'],
    [`parlance account set shop --setting ${setting}=`, 'back to that API’s default'],
  ]);
}
