import type { Command } from 'commander';
import type { MessageId } from '../../core/ids.ts';
import { CliError, exitCodes } from '../shared/failure.ts';
import type { ExitCode } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { parseId } from '../shared/parse.ts';
import { findMessage } from './show.ts';

/** `parlance message cancel` */
export function addCancel(group: Command, kit: Kit): void {
  const command = group
    .command('cancel')
    .argument('<id>', 'as `parlance message list` shows it', parseId<MessageId>)
    .description('Take back a message that waits for its time, with a full refund.')
    .action(
      storageAction(kit, async (session, _options: object, id: MessageId): Promise<ExitCode> => {
        const { gateway, print } = session;
        const { accountId } = await findMessage(session, id);
        const [done] = await gateway.cancel(await gateway.owner.actAs(accountId), [id]);
        if (done?.kind !== 'cancelled') {
          throw new CliError(
            `Message ${id} is ${done?.message.status ?? 'gone'}: only what is scheduled can be taken back.`,
          );
        }
        print.result({ id, status: done.message.status }, () => [
          `Message ${id} is cancelled and its price given back.`,
        ]);
        return exitCodes.fine;
      }),
    );
  examples(command, [
    ['parlance message list shop --status scheduled', 'what can be taken back'],
    ['parlance message cancel 019a2b3c-0000-7000-8000-000000000000', 'take one back'],
  ]);
}
