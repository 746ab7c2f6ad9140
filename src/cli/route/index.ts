import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addExplain } from './explain.ts';
import { addList } from './list.ts';
import { addMargin } from './margin.ts';

/** `parlance route …`: which way messages take, and what it costs. */
export function addRoute(program: Command, kit: Kit): void {
  const route = program
    .command('route')
    .description('Routes: which link a message takes, and what it costs.');
  for (const add of [addList, addExplain, addMargin]) add(route, kit);
}
