import type { Command } from 'commander';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, pageOf, printPage } from '../shared/pages.ts';
import { senderDocument, statusOf } from './present.ts';

/** `parlance sender list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('The addresses that an account may show.')
    .action(
      storageAction(kit, async ({ gateway, ...session }, options: PageOptions, name: string) => {
        const account = await findAccount({ gateway, ...session }, name);
        const now = gateway.delivery.clock.now();
        const all = await gateway.senders.list(account.id);
        printPage(session.print, pageOf(all, options), {
          item: (sender) => senderDocument(sender, now),
          columns: [
            { title: 'ADDRESS', of: ({ address }) => address },
            { title: 'KIND', of: ({ kind }) => kind },
            {
              title: 'STATUS',
              of: (sender) => statusOf(sender, now),
              colour: (sender, paint) =>
                statusOf(sender, now) === 'active' ? paint.none : paint.doubtful,
            },
            { title: 'LABEL', of: ({ label }) => label, most: 30 },
            { title: 'CREATED (UTC)', of: ({ createdAt }) => when(createdAt) },
          ],
          none: `'${name}' may show no address yet: add one with \`parlance sender add ${name} <address>\`.`,
        });
      }),
    );
  examples(command, [['parlance sender list shop', 'what its messages may show']]);
}
