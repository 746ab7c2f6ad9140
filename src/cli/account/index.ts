import type { Command } from 'commander';
import type { Kit } from '../shared/kit.ts';
import { addCreate } from './create.ts';
import { addLedger } from './ledger.ts';
import { addList } from './list.ts';
import { addSet } from './set.ts';
import { addShow } from './show.ts';
import { addStatus } from './status.ts';
import { addTopup } from './topup.ts';

/** `parlance account …`: who sends and pays. */
export function addAccount(program: Command, kit: Kit): void {
  const account = program
    .command('account')
    .description('Accounts: who sends, pays, and owns senders, credentials and data.');
  for (const add of [addCreate, addList, addShow, addSet, addTopup, addLedger, addStatus]) {
    add(account, kit);
  }
}
