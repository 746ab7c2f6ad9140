import type { Command } from 'commander';
import { credits, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { accountDocument, withBalances } from './present.ts';

/** `parlance account list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list'))
    .description('All accounts, by name, with their balances.')
    .action(
      storageAction(kit, async (session, options: PageOptions) => {
        const page = await readPage(options, (one) => session.storage.read.accounts.list(one));
        const rows = await withBalances(session, page.rows);
        printPage(
          session.print,
          { ...page, rows },
          {
            item: accountDocument,
            columns: [
              { title: 'NAME', of: ({ account }) => account.name },
              {
                title: 'STATUS',
                of: ({ account }) => account.status,
                colour: ({ account }, paint) =>
                  account.status === 'active' ? paint.none : paint.doubtful,
              },
              { title: 'BALANCE', of: ({ balance }) => credits(balance ?? 0), align: 'right' },
              {
                title: 'PRICE',
                of: ({ account }) => credits(account.pricePerPart),
                align: 'right',
              },
              {
                title: 'SENDS TO',
                of: ({ account }) => account.allowedCountries.join(','),
                most: 30,
              },
              { title: 'CREATED (UTC)', of: ({ account }) => when(account.createdAt) },
            ],
            none: 'There are no accounts yet: make one with `parlance account create <name>`.',
          },
        );
      }),
    );
  examples(command, [
    ['parlance account list', 'the first 50'],
    [
      'parlance account list --json | jq ".items[] | select(.balance < 10) | .name"',
      'who runs low',
    ],
  ]);
}
