import type { Command } from 'commander';
import type { Reply } from '../../core/delivery/reply.ts';
import type { Page } from '../../core/ports/storage.ts';
import { usageError } from '../shared/failure.ts';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { replyDocument } from './present.ts';

interface ListOptions extends PageOptions {
  unowned?: boolean;
}

/** `parlance reply list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('[account]', 'its name'))
    .description('What handsets wrote to an account, newest first.')
    .option('--unowned', 'what came to no account’s address')
    .action(
      storageAction(kit, async (session, options: ListOptions, name: string | undefined) => {
        const read = await reader(session, name, options.unowned === true);
        printPage(session.print, await readPage(options, read), {
          item: replyDocument,
          columns: [
            { title: 'RECEIVED (UTC)', of: ({ receivedAt }) => when(receivedAt) },
            { title: 'FROM', of: ({ from }) => from },
            { title: 'TO', of: ({ to }) => to },
            { title: 'TEXT', of: ({ text }) => text, most: 40 },
            { title: 'KEYWORD', of: ({ keyword }) => keyword },
            { title: 'ANSWERS MESSAGE', of: ({ messageId }) => messageId },
          ],
          none:
            name === undefined
              ? 'Every reply has found its account.'
              : `Nobody has written to '${name}' yet.`,
        });
      }),
    );
  examples(command, [
    ['parlance reply list shop', 'what was written to the shop'],
    ['parlance reply list --unowned', 'what nobody was told of: is a sender missing?'],
  ]);
}

async function reader(
  session: Session,
  name: string | undefined,
  unowned: boolean,
): Promise<(page: Page) => Promise<Reply[]>> {
  const { replies } = session.storage.read;
  if (name !== undefined && unowned) {
    throw usageError('What --unowned shows belongs to no account: leave the account out.');
  }
  if (unowned) return (page) => replies.unowned(page);
  if (name === undefined) throw usageError('Name an account, or ask for --unowned.');
  const account = await findAccount(session, name);
  return (page) => replies.list(account.id, page);
}
