import type { Command } from 'commander';
import type { ArchiveFileId } from '../../core/ids.ts';
import { CliError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { parseId } from '../shared/parse.ts';
import { withoutControls } from '../shared/printer.ts';

/** `parlance archive read` */
export function addRead(group: Command, kit: Kit): void {
  const command = group
    .command('read')
    .argument('<file>', 'its id, as `parlance archive list` shows it', parseId<ArchiveFileId>)
    .description('What a file of the archive holds: one JSON object a line, as it was written.')
    .action(
      storageAction(kit, async (session, _options: object, id: ArchiveFileId) => {
        const file = await session.archive.findFile(id);
        if (!file) {
          throw new CliError(`There is no file '${id}': see \`parlance archive list\`.`);
        }
        for await (const line of session.archive.lines(file)) {
          session.context.out.line(withoutControls(line));
        }
      }),
    );
  examples(command, [
    ['parlance archive read 019cb2f0-… > day.ndjson', 'all of it, for another program'],
  ]);
}
