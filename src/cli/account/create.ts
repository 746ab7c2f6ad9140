import type { Command } from 'commander';
import { fromCredits } from '../../core/money.ts';
import type { Millicredits } from '../../core/money.ts';
import { examples } from '../shared/help.ts';
import { credits } from '../shared/format.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { parsePrice } from '../shared/parse.ts';
import type { AccountOptions } from './fields.ts';
import { accountFields, settingsOfOptions } from './fields.ts';
import { accountDocument, withBalances } from './present.ts';

interface CreateOptions extends AccountOptions {
  credit?: Millicredits;
  parent?: string;
}

/** `parlance account create` */
export function addCreate(group: Command, kit: Kit): void {
  const command = accountFields(
    group
      .command('create')
      .argument('<name>', 'letters, digits, dots, dashes and underscores')
      .description('Make an account. What is not said is taken from `accounts` of the settings.'),
  )
    .option('--parent <account>', 'make it a sub-account of this one, whose clients may act for it')
    .option('--credit <credits>', 'credit to begin with', parsePrice)
    .action(
      storageAction(kit, async (session, options: CreateOptions, name: string) => {
        const { gateway, config, context, print } = session;
        const defaults = config.accounts;
        const parent =
          options.parent === undefined ? null : await findAccount(session, options.parent);
        const account = await gateway.owner.createAccount({
          name,
          parentId: parent && parent.id,
          homeCountry: options.homeCountry ?? defaults.homeCountry,
          allowedCountries: options.allow ?? defaults.allowedCountries,
          pricePerPart: options.price ?? fromCredits(defaults.pricePerPart),
          refundPolicy: options.refund ?? defaults.refund,
          duplicateWindowMs: options.duplicateWindow ?? defaults.duplicateWindowSeconds * 1000,
          settings: settingsOfOptions({}, options, context),
        });
        if (options.credit) await gateway.owner.topUp(account.id, options.credit, null);
        const [made = { account, balance: options.credit }] = await withBalances(session, [
          account,
        ]);
        print.result(accountDocument(made), () => [
          `Account '${name}' is made, with ${credits(made.balance ?? 0)} credits.`,
        ]);
        print.remark(
          `Next: \`parlance credential create ${name} --dialect <api>\`, \`parlance sender add ${name} <address>\`` +
            `${options.credit ? '' : `, \`parlance account topup ${name} <credits>\``}.`,
        );
      }),
    );
  examples(command, [
    ['parlance account create shop --credit 500', 'an account with credit to begin with'],
    ['parlance account create shop-north --parent shop', 'a sub-account with credit of its own'],
    ['parlance account create kiwi --home-country NZ --allow NZ,AU', 'one in New Zealand'],
    [
      'parlance account create shop --price 0.8 --refund undelivered --duplicate-window 60s',
      'with its own conditions',
    ],
  ]);
}
