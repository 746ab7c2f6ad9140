import type { Command } from 'commander';
import { usageError } from '../shared/failure.ts';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import type { WhichRowOptions } from './which.ts';
import { rowSearchOf, whichRow } from './which.ts';

/** `parlance archive erase` */
export function addErase(group: Command, kit: Kit): void {
  const command = whichRow(group.command('erase'))
    .description(
      'Deletes texts in the archive for good: of an account, of a handset, or of one message.',
    )
    .action(
      storageAction(kit, async (session, options: WhichRowOptions) => {
        if ((options.account ?? options.number ?? options.id) === undefined) {
          throw usageError('Say whose texts with --account, --number or --id.');
        }
        const erased = await session.archive.erase(await rowSearchOf(session, options));
        session.print.result({ erased }, () => [
          erased === 0
            ? 'There is no text of that in the archive.'
            : `${count(erased, 'text')} erased. That there were messages, and what they cost, stays.`,
        ]);
      }),
    );
  examples(command, [
    ['parlance archive erase --number +61412345678', 'what was written to and by a handset'],
    ['parlance archive erase --account shop --until 2025-12-31', 'what an account sent till then'],
  ]);
}
