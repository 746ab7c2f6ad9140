import type { Command } from 'commander';
import type { User } from '../../core/users/user.ts';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames, findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { userDocument } from './present.ts';

/** `parlance user list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('[account]', 'only of this account'))
    .description('Who may log in to the console.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name?: string) => {
        const { book } = session.gateway.users;
        const account = name === undefined ? undefined : await findAccount(session, name);
        const page = await readPage(options, (asked) =>
          account ? book.list(account.id, asked) : book.all(asked),
        );
        const ids = page.rows.flatMap(({ accountId }) => (accountId === null ? [] : [accountId]));
        const nameOf = await accountNames(session, ids);
        const accountOf = ({ accountId }: User) => (accountId === null ? null : nameOf(accountId));
        printPage(session.print, page, {
          item: (user) => userDocument(user, accountOf(user)),
          columns: [
            { title: 'E-MAIL', of: ({ email }) => email, most: 40 },
            { title: 'ACCOUNT', of: (user) => accountOf(user) },
            { title: 'ROLE', of: ({ role }) => role },
            {
              title: 'STATUS',
              of: ({ status }) => status,
              colour: ({ status }, paint) => (status === 'active' ? paint.none : paint.doubtful),
            },
            {
              title: '2FA',
              of: ({ twoFactorSince }) => (twoFactorSince === null ? 'off' : 'on'),
            },
            { title: 'LAST LOG-IN (UTC)', of: ({ lastLoginAt }) => when(lastLoginAt) },
            { title: 'ID', of: ({ id }) => id },
          ],
          none: 'There is no user yet: invite one with `parlance user create <email>`.',
        });
      }),
    );
  examples(command, [
    ['parlance user list', 'all of them'],
    ['parlance user list shop', 'those of one account'],
  ]);
}
