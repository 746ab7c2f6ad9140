import type { Command } from 'commander';
import { CliError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';

/** `parlance sender remove` */
export function addRemove(group: Command, kit: Kit): void {
  const command = group
    .command('remove')
    .argument('<account>', 'its name')
    .argument('<address>', 'as `parlance sender list` shows it')
    .description(
      'Take an address from an account. What was accepted with it is still sent; a number of the pool is free again.',
    )
    .action(
      storageAction(kit, async (session, _options: object, name: string, address: string) => {
        const account = await findAccount(session, name);
        if (!(await session.gateway.senders.remove(account.id, address))) {
          throw new CliError(
            `'${name}' has no sender '${address}': see \`parlance sender list ${name}\`.`,
          );
        }
        session.print.result({ account: name, address, removed: true }, () => [
          `'${name}' may no longer send as '${address}'.`,
        ]);
      }),
    );
  examples(command, [['parlance sender remove shop CompanyABC', 'it is refused from now on']]);
}
