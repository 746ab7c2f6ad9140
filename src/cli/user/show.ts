import type { Command } from 'commander';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountOf } from './by.ts';
import { userDocument } from './present.ts';

/** `parlance user show` */
export function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<user>', 'an e-mail address, or an id')
    .description('One user.')
    .action(
      storageAction(kit, async (session, _options: object, which: string) => {
        const user = await session.gateway.users.book.named(which);
        const account = await accountOf(session, user);
        session.print.result(userDocument(user, account), () =>
          session.print.fields([
            ['id', user.id],
            ['e-mail', user.email],
            ['name', user.name],
            ['account', account ?? 'all of them'],
            ['role', user.role],
            ['status', user.status],
            ['2FA since', when(user.twoFactorSince) ?? 'off'],
            ['invited', when(user.createdAt)],
            ['last log-in', when(user.lastLoginAt)],
          ]),
        );
      }),
    );
  examples(command, [['parlance user show ann@shop.example', 'what he is']]);
}
