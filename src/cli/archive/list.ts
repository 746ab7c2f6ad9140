import type { Command } from 'commander';
import type { ArchiveFile } from '../../core/archive/archive-file.ts';
import { dayText } from '../../core/archive/archive-file.ts';
import { iso } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import type { WhichOptions } from './which.ts';
import { searchOf, which } from './which.ts';

/** `parlance archive list` */
export function addList(group: Command, kit: Kit): void {
  const command = which(paged(group.command('list')))
    .description('The files of the archive, the oldest day first.')
    .action(
      storageAction(kit, async (session, options: PageOptions & WhichOptions) => {
        const search = await searchOf(session, options);
        const page = await readPage(options, (one) => session.archive.files(search, one));
        printPage(session.print, page, {
          item: fileDocument,
          columns: [
            { title: 'DAY', of: ({ day }) => dayText(day) },
            { title: 'WHAT', of: ({ kind }) => kind },
            { title: 'ROWS', of: ({ rows }) => rows, align: 'right' },
            {
              title: 'ACCOUNTS',
              of: ({ accounts }) => Object.keys(accounts).length,
              align: 'right',
            },
            { title: 'BYTES', of: ({ bytes }) => bytes, align: 'right' },
            { title: 'ON', of: ({ place }) => place },
            { title: 'FILE', of: ({ id }) => id },
          ],
          none: 'Nothing has been archived of that.',
        });
      }),
    );
  examples(command, [
    ['parlance archive list', 'the oldest 50 files'],
    ['parlance archive list --account shop --from 2026-03-01 --until 2026-03-31', 'of a month'],
  ]);
}

function fileDocument(file: ArchiveFile) {
  return {
    id: file.id,
    day: dayText(file.day),
    kind: file.kind,
    rows: file.rows,
    bytes: file.bytes,
    accounts: file.accounts,
    place: file.place,
    name: file.name,
    createdAt: iso(file.createdAt),
  };
}
