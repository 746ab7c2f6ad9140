import type { Command } from 'commander';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { findNumber, numberDocument } from './present.ts';

/** `parlance number assign` */
export function addAssign(group: Command, kit: Kit): void {
  const command = group
    .command('assign')
    .argument('<account>', 'its name')
    .argument('<number>', 'as `parlance number list` shows it')
    .description('Give an account a number of the pool as its own, as its client could take it.')
    .option('--label <text>', 'a name for your lists')
    .action(
      storageAction(
        kit,
        async (session, { label }: { label?: string }, name: string, written: string) => {
          const account = await findAccount(session, name);
          const { id } = await findNumber(session, written);
          const { number } = await session.gateway.numbers.assign(account.id, id, {
            label: label ?? null,
          });
          const held = { ...number, accountId: account.id };
          session.print.result(numberDocument(held, name), () => [
            `'${name}' may send as '${number.number}' (dedicated).`,
          ]);
        },
      ),
    );
  examples(command, [
    ['parlance number assign shop +61412345601', 'replies to it are the shop’s from now on'],
  ]);
}
