import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addErase } from './erase.ts';
import { addList } from './list.ts';
import { addRead } from './read.ts';
import { addSearch } from './search.ts';

/** `parlance archive …`: messages and replies that have left the database. */
export function addArchive(program: Command, kit: Kit): void {
  const archive = program
    .command('archive')
    .description('The archive: messages and replies that were kept long enough.');
  for (const add of [addList, addRead, addSearch, addErase]) add(archive, kit);
}
