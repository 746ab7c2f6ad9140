import type { Command } from 'commander';
import { Option } from 'commander';
import type { Account, RefundPolicy } from '../../core/accounts/account.ts';
import { refundPolicies } from '../../core/accounts/account.ts';
import { withShortensAlways } from '../../core/links/always.ts';
import type { Millicredits } from '../../core/money.ts';
import type { Country } from '../../text/phone-number.ts';
import type { CliContext } from '../context.ts';
import { collect, parseCountries, parseCountry, parsePrice, parseSpan } from '../shared/parse.ts';
import { assignSettings } from './settings.ts';

/** What can be said of an account when it is made and later. */
export interface AccountOptions {
  homeCountry?: Country;
  allow?: Country[];
  price?: Millicredits;
  refund?: RefundPolicy;
  duplicateWindow?: number;
  shortenLinks?: 'yes' | 'no';
  setting?: string[];
}

/** Adds the flags for what can be said of an account. */
export function accountFields(command: Command): Command {
  return command
    .option('--home-country <code>', 'read numbers in local form as this country’s', parseCountry)
    .option('--allow <codes>', 'countries it may send to, such as AU,NZ', parseCountries)
    .option('--price <credits>', 'price of one part of a message', parsePrice)
    .addOption(
      new Option('--refund <policy>', 'what is given back when a message ends badly').choices(
        refundPolicies,
      ),
    )
    .option('--duplicate-window <time>', 'refuse the same message within it; 0 never', parseSpan)
    .addOption(
      new Option('--shorten-links <which>', 'make URLs in all its messages short links').choices([
        'yes',
        'no',
      ]),
    )
    .option(
      '--setting <dialect.key=value>',
      'what one API does for it; an empty value: the default; repeatable',
      collect(String),
    );
}

/** An account's settings with what the flags say of them. */
export function settingsOfOptions(
  before: Account['settings'],
  { shortenLinks, setting = [] }: AccountOptions,
  { waysIn }: Pick<CliContext, 'waysIn'>,
): Account['settings'] {
  const settings = assignSettings(before, setting, waysIn);
  return shortenLinks === undefined
    ? settings
    : withShortensAlways(settings, shortenLinks === 'yes');
}
