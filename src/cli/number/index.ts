import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addAdd } from './add.ts';
import { addAssign } from './assign.ts';
import { addList } from './list.ts';
import { addRelease } from './release.ts';
import { addRemove } from './remove.ts';

/** `parlance number …`: what accounts can take. */
export function addNumber(program: Command, kit: Kit): void {
  const number = program
    .command('number')
    .description(
      'Numbers: the pool that accounts can take a number of their own from, by an API that has it.',
    );
  for (const add of [addAdd, addList, addAssign, addRelease, addRemove]) add(number, kit);
}
