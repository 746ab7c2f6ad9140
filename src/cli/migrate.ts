import type { Command } from 'commander';
import { count } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { action, configFlags } from './shared/kit.ts';

/** `parlance migrate`: brings the schema of the storage up to date. */
export function addMigrate(program: Command, kit: Kit): void {
  const command = program
    .command('migrate')
    .summary('Bring the database up to date.')
    .description('Bring the database up to what this release needs. `serve` does it by itself.')
    .action(
      action(kit, async ({ context, flags, print }) => {
        const names = await context.migrate(context.config(configFlags(flags)));
        print.result({ migrations: names }, () =>
          names.length === 0
            ? ['The database is up to date.']
            : [`${count(names.length, 'migration')} run: ${names.join(', ')}.`],
        );
      }),
    );
  examples(command, [
    ['parlance migrate', 'after an update, before `parlance doctor` or other commands'],
  ]);
}
