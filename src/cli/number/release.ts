import type { Command } from 'commander';
import { CliError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';
import { findNumber, numberDocument } from './present.ts';

/** `parlance number release` */
export function addRelease(group: Command, kit: Kit): void {
  const command = group
    .command('release')
    .argument('<number>', 'as `parlance number list` shows it')
    .description('Take a number from the account that has it: it is free again.')
    .action(
      storageAction(kit, async (session, _options: object, written: string) => {
        const { accountId, ...number } = await findNumber(session, written);
        if (accountId === null) throw new CliError(`The number ${number.number} is free already.`);
        const nameOf = await accountNames(session, [accountId]);
        await session.gateway.senders.remove(accountId, number.number);
        session.print.result(numberDocument({ ...number, accountId: null }, null), () => [
          `'${nameOf(accountId)}' may no longer send as '${number.number}'; it is free again.`,
        ]);
      }),
    );
  examples(command, [['parlance number release +61412345601', 'another account can take it']]);
}
