import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addAdd } from './add.ts';
import { addDecide } from './decide.ts';
import { addList } from './list.ts';
import { addRemove } from './remove.ts';
import { addRequests } from './requests.ts';

/** `parlance sender …`: the addresses that accounts may show. */
export function addSender(program: Command, kit: Kit): void {
  const sender = program
    .command('sender')
    .description('Senders: the numbers and names that an account’s messages may show.');
  for (const add of [addAdd, addList, addRemove, addRequests, addDecide]) add(sender, kit);
}
