import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addChanges } from './change.ts';
import { addCreate } from './create.ts';
import { addList } from './list.ts';
import { addShow } from './show.ts';

/** `parlance user …`: people who log in to the console. */
export function addUser(program: Command, kit: Kit): void {
  const user = program
    .command('user')
    .description('Users: people who log in to the console, for an account or for you.');
  for (const add of [addCreate, addList, addShow, addChanges]) add(user, kit);
}
