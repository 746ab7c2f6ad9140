import type { Command } from 'commander';
import { Option } from 'commander';
import type { MessageStatus } from '../../core/messages/status.ts';
import { messageStatuses } from '../../core/messages/status.ts';
import { credits, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { numberOf } from '../shared/numbers.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { costOf, messageDocument, statusColour } from './present.ts';

interface ListOptions extends PageOptions {
  status?: MessageStatus;
  to?: string;
  ref?: string;
}

/** `parlance message list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('<account>', 'its name'))
    .description('An account’s messages, newest first.')
    .addOption(new Option('--status <status>', 'only these').choices(messageStatuses))
    .option('--to <number>', 'only to this number')
    .option('--ref <text>', 'only with this reference; % stands for any text')
    .action(
      storageAction(kit, async (session, options: ListOptions, name: string) => {
        const account = await findAccount(session, name);
        const destination =
          options.to === undefined ? undefined : numberOf(options.to, account.homeCountry);
        const page = await readPage(options, (one) =>
          session.storage.read.messages.search({
            accountId: account.id,
            ...one,
            ...(options.status && { status: options.status }),
            ...(options.ref !== undefined && { clientRef: options.ref }),
            ...(destination && { destination }),
          }),
        );
        const filtered = options.status ?? options.to ?? options.ref;
        printPage(session.print, page, {
          item: messageDocument,
          columns: [
            { title: 'ID', of: ({ id }) => id },
            { title: 'ACCEPTED (UTC)', of: ({ createdAt }) => when(createdAt) },
            { title: 'TO', of: ({ destination: to }) => to },
            { title: 'SENDER', of: ({ sender }) => sender },
            {
              title: 'STATUS',
              of: ({ status }) => status,
              colour: ({ status }, paint) => statusColour(status, paint),
            },
            { title: 'PRICE', of: ({ price }) => credits(price), align: 'right' },
            {
              title: 'COST',
              of: (message) => {
                const cost = costOf(message);
                return cost === null ? null : credits(cost);
              },
              align: 'right',
            },
            { title: 'TEXT', of: ({ text }) => text, most: 40 },
          ],
          none:
            filtered === undefined
              ? `'${name}' has sent nothing yet.`
              : `'${name}' has no such messages.`,
        });
      }),
    );
  examples(command, [
    ['parlance message list shop', 'the newest 50'],
    ['parlance message list shop --status failed --limit 500', 'what went wrong'],
    ['parlance message list shop --ref "order-1207%"', 'by the shop’s own reference'],
  ]);
}
