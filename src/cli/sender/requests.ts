import type { Command } from 'commander';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames, findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { requestDocument } from './present.ts';

interface RequestsOptions extends PageOptions {
  all?: boolean;
}

/** `parlance sender requests` */
export function addRequests(group: Command, kit: Kit): void {
  const command = paged(group.command('requests').argument('[account]', 'its name'))
    .description('The names that accounts ask to be allowed to show, newest first.')
    .option('--all', 'also what is decided, and numbers that their handsets have to prove')
    .action(
      storageAction(kit, async (session, options: RequestsOptions, name: string | undefined) => {
        const { gateway, print } = session;
        const which = {
          ...(name !== undefined && { accountId: (await findAccount(session, name)).id }),
          ...(options.all !== true && { status: 'open' as const }),
        };
        const page = await readPage(options, (one) =>
          gateway.senderRequests.list({ ...which, ...one }),
        );
        const nameOf = await accountNames(
          session,
          page.rows.map(({ accountId }) => accountId),
        );
        printPage(print, page, {
          item: (request) => requestDocument(request, nameOf(request.accountId)),
          columns: [
            { title: 'ID', of: ({ id }) => id },
            { title: 'ACCOUNT', of: ({ accountId }) => nameOf(accountId) },
            { title: 'ADDRESS', of: ({ address }) => address },
            {
              title: 'STATUS',
              of: ({ status }) => status,
              colour: ({ status }, paint) => (status === 'open' ? paint.doubtful : paint.none),
            },
            { title: 'COUNTRIES', of: ({ countries }) => countries?.join(','), most: 20 },
            { title: 'REASON', of: ({ reason }) => reason, most: 40 },
            { title: 'ASKED (UTC)', of: ({ createdAt }) => when(createdAt) },
          ],
          none:
            options.all === true ? 'Nobody has asked for a sender.' : 'Nothing is to be decided.',
        });
      }),
    );
  examples(command, [
    ['parlance sender requests', 'what waits for your decision'],
    ['parlance sender requests shop --all --json', 'all that one account asked for, in full'],
  ]);
}
