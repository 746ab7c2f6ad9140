import type { Command } from 'commander';
import { CliError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findNumber, numberDocument } from './present.ts';

/** `parlance number remove` */
export function addRemove(group: Command, kit: Kit): void {
  const command = group
    .command('remove')
    .argument('<number>', 'as `parlance number list` shows it')
    .description('Offer a free number no more.')
    .action(
      storageAction(kit, async (session, _options: object, written: string) => {
        const number = await findNumber(session, written);
        if (!(await session.gateway.numbers.remove(number.id))) {
          throw new CliError(
            `An account has the number ${number.number}: take it back first with \`parlance number release ${number.number}\`.`,
          );
        }
        session.print.result({ ...numberDocument(number, null), removed: true }, () => [
          `${number.number} is offered no more.`,
        ]);
      }),
    );
  examples(command, [['parlance number remove +61412345601', 'nobody can take it any more']]);
}
