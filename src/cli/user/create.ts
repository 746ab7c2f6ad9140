import type { Command } from 'commander';
import { Option } from 'commander';
import type { Role } from '../../core/users/roles.ts';
import { roles } from '../../core/users/roles.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { commander } from './by.ts';
import { userDocument } from './present.ts';

interface CreateOptions {
  account?: string;
  name?: string;
  role: Role;
}

/** `parlance user create` */
export function addCreate(group: Command, kit: Kit): void {
  const command = group
    .command('create')
    .argument('<email>', 'where the invitation goes')
    .description('Invite somebody to the console. A mail tells where a password is chosen.')
    .option('--account <name>', 'of this account (default: one of your own, for all accounts)')
    .option('--name <text>', 'how mails call him (default: what stands before the @)')
    .addOption(
      new Option('--role <role>', 'what he may do: docs/users.md').choices(roles).default('viewer'),
    )
    .action(
      storageAction(kit, async (session, options: CreateOptions, email: string) => {
        const { gateway, print } = session;
        const { account: accountName = null, role } = options;
        const account = accountName === null ? null : await findAccount(session, accountName);
        const usual =
          email
            .split('@', 1)[0]
            ?.replaceAll(/[^\p{L}\p{N}._-]/gu, ' ')
            .trim() ?? '';
        const user = await gateway.users.book.invite(commander(session), account?.id ?? null, {
          email,
          name: options.name ?? usual,
          role,
        });
        print.result(userDocument(user, accountName), () =>
          print.fields([
            ['id', user.id],
            ['e-mail', user.email],
            ['name', user.name],
            ['account', accountName ?? 'all of them'],
            ['role', role],
            ['status', user.status],
          ]),
        );
        print.remark(
          session.config.mail.host === ''
            ? 'No SMTP server is set (mail.host): a process that serves writes the invitation to a file in <data>/mail.'
            : 'A process that serves sends the invitation.',
        );
      }),
    );
  examples(command, [
    ['parlance user create you@example.org --role owner', 'yourself, for all accounts'],
    ['parlance user create ann@shop.example --account shop --role admin', 'for one account'],
  ]);
}
