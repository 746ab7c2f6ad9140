import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addList } from './list.ts';
import { addSend } from './send.ts';

/** `parlance reply …`: what handsets wrote, and playing one. */
export function addReply(program: Command, kit: Kit): void {
  const reply = program
    .command('reply')
    .description('Replies: what handsets wrote to us; `send` plays a handset.');
  addSend(reply, kit);
  addList(reply, kit);
}
