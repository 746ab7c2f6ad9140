import type { Command } from 'commander';
import type { Account } from '../../core/accounts/account.ts';
import { shortensAlways } from '../../core/links/always.ts';
import { isWebhook } from '../../core/notifications/endpoint.ts';
import { count, credits, span, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { accountDocument } from './present.ts';
import { effectiveSettings } from './settings.ts';

/** `parlance account show` */
export function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<account>', 'its name')
    .description('All about one account, with what its APIs do for it.')
    .action(
      storageAction(kit, async (session, _options: object, name: string) => {
        await showAccount(session, await findAccount(session, name));
      }),
    );
  examples(command, [['parlance account show shop', 'balance, conditions, settings']]);
}

/** Prints all about an account. */
export async function showAccount(session: Session, account: Account): Promise<void> {
  const { read } = session.storage;
  const [balance, parent, senders, endpoints, credentials] = await Promise.all([
    read.accounts.balance(account.id),
    account.parentId === null ? undefined : read.accounts.find(account.parentId),
    read.senders.ofAccount(account.id),
    read.endpoints.ofAccount(account.id),
    read.credentials.ofAccount(account.id),
  ]);
  const webhooks = endpoints.filter(isWebhook);
  const valid = credentials.filter(({ revokedAt }) => revokedAt === null);
  const { dialects, waysIn } = session.context;
  // Of what is no dialect only what the account uses.
  const used = waysIn.filter(
    ({ name }) =>
      dialects.some((one) => one.name === name) ||
      account.settings[name] !== undefined ||
      valid.some(({ dialect }) => dialect === name),
  );
  const settings = used.map((one) => [one, effectiveSettings(one, account.settings)] as const);
  session.print.result(
    {
      ...accountDocument({ account, balance }),
      effectiveSettings: Object.fromEntries(
        settings.map(([{ name }, own]) => [name, own.ok ? own.settings : null]),
      ),
      senders: senders.length,
      credentials: valid.length,
      webhooks: webhooks.length,
    },
    () => [
      ...session.print.fields([
        ['name', account.name],
        ['id', account.id],
        ...(parent ? [['sub-account of', parent.name] as const] : []),
        ['status', account.status],
        ['balance', `${credits(balance ?? 0)} credits`],
        ['price of a part', `${credits(account.pricePerPart)} credits`],
        ['home country', account.homeCountry],
        ['may send to', account.allowedCountries.join(', ')],
        ['refund', account.refundPolicy],
        [
          'duplicate window',
          account.duplicateWindowMs === 0 ? 'none' : span(account.duplicateWindowMs),
        ],
        ['short links', shortensAlways(account) ? 'always' : 'where asked for'],
        ['created (UTC)', when(account.createdAt)],
        [
          'it has',
          [
            count(senders.length, 'sender'),
            count(valid.length, 'credential'),
            count(webhooks.length, 'webhook'),
          ].join(', '),
        ],
      ]),
      ...settings.flatMap(([{ name, title }, own]) => [
        '',
        session.print.paint.bold(title),
        ...(own.ok
          ? settingLines(session, name, own.settings, account)
          : own.problems.map((problem) => session.print.paint.bad(`  ${problem}`))),
      ]),
    ],
  );
}

function settingLines(
  { print }: Session,
  name: string,
  settings: Readonly<Record<string, unknown>>,
  account: Account,
): string[] {
  const own = account.settings[name];
  const said = (key: string): boolean => typeof own === 'object' && own !== null && key in own;
  const pairs = Object.entries(settings).map(
    ([key, value]) =>
      [`  ${name}.${key}`, `${shown(value)}${said(key) ? '' : ' (default)'}`] as const,
  );
  return pairs.length === 0 ? ['  it has no settings'] : print.fields(pairs);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
