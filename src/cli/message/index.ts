import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addCancel } from './cancel.ts';
import { addList } from './list.ts';
import { addShow } from './show.ts';

/** `parlance message …`: what was sent, and what became of it. */
export function addMessage(program: Command, kit: Kit): void {
  const message = program
    .command('message')
    .description('Messages: what was sent, and what became of it.');
  for (const add of [addList, addShow, addCancel]) add(message, kit);
}
