import type { Command } from 'commander';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { numberDocument } from './present.ts';

/** `parlance number list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list'))
    .description('The numbers that are offered, and who has them, in the order in which they came.')
    .action(
      storageAction(kit, async (session, options: PageOptions) => {
        const { gateway, print } = session;
        const page = await readPage(options, (one) => gateway.numbers.list(one));
        const nameOf = await accountNames(
          session,
          page.rows.flatMap(({ accountId }) => accountId ?? []),
        );
        printPage(print, page, {
          item: (number) => numberDocument(number, number.accountId && nameOf(number.accountId)),
          columns: [
            { title: 'NUMBER', of: ({ number }) => number },
            { title: 'COUNTRY', of: ({ country }) => country },
            { title: 'TYPE', of: ({ type }) => type },
            { title: 'CLASS', of: ({ classification }) => classification },
            { title: 'CARRIES', of: ({ capabilities }) => capabilities.join(',') },
            { title: 'FREE FROM (UTC)', of: ({ availableAfter }) => when(availableAfter) },
            { title: 'ACCOUNT', of: ({ accountId }) => accountId && nameOf(accountId) },
          ],
          none: 'No number is offered: add some with `parlance number add <numbers...>`.',
        });
      }),
    );
  examples(command, [['parlance number list', 'which are free, and whose the others are']]);
}
