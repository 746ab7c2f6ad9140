import type { Command } from 'commander';
import { usageError } from '../shared/failure.ts';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Run } from '../shared/kit.ts';
import { action, configFlags } from '../shared/kit.ts';
import { movedDocument, movedLines } from './present.ts';
import { showProgress } from './progress.ts';

interface MigrateOptions {
  from?: string;
  undo?: boolean;
  newKey?: boolean;
}

/** `parlance migrate`: brings the schema up to date, or a whole installation to another database. */
export function addMigrate(program: Command, kit: Kit): void {
  const command = program
    .command('migrate')
    .summary('Bring the database up to date, or an installation to another one.')
    .description(
      'Bring the database up to what this release needs. `serve` does it by itself.\n\n' +
        'With --from, move the whole installation of a data folder into the database that the configuration ' +
        'names as `storage`. Every row is compared when it is copied. It may be interrupted: run it again, and it goes on.',
    )
    .option('--from <folder>', 'move the installation in this data folder to `storage`')
    .option('--undo', 'serve here again what was moved away from the data folder')
    .option(
      '--new-key',
      'the key that seals secrets is lost: take the one of this node from now on',
    )
    .action(
      action(kit, async (run, { from, undo = false, newKey = false }: MigrateOptions) => {
        if (Number(from !== undefined) + Number(undo) + Number(newKey) > 1) {
          throw usageError('--from, --undo and --new-key are different things: give one of them.');
        }
        if (from !== undefined) await move(run, from);
        else if (undo) await takeBack(run);
        else if (newKey) await takeKey(run);
        else await bringUpToDate(run);
      }),
    );
  examples(command, [
    ['parlance migrate', 'after an update, before `parlance doctor` or other commands'],
    [
      'parlance migrate --from ./data --set storage=postgres://parlance@db.example/parlance',
      'from SQLite to PostgreSQL; the password is taken from PGPASSWORD or the configuration',
    ],
    ['parlance migrate --undo --data ./data', 'to go on in the folder that was moved away'],
  ]);
}

async function bringUpToDate({ context, flags, print }: Run): Promise<void> {
  const names = await context.migrate(context.config(configFlags(flags)));
  print.result({ migrations: names }, () =>
    names.length === 0
      ? ['The database is up to date.']
      : [`${count(names.length, 'migration')} run: ${names.join(', ')}.`],
  );
}

async function move({ context, flags, print }: Run, from: string): Promise<void> {
  const config = context.config(configFlags(flags));
  const progress = showProgress(context.out, print);
  try {
    const moved = await context.move(config, from, (one) => progress.show(one));
    progress.end();
    print.result(movedDocument(moved), () => movedLines(moved, from, config, print));
  } finally {
    progress.end();
  }
}

async function takeKey({ context, flags, print }: Run): Promise<void> {
  await context.acceptKey(context.config(configFlags(flags)));
  print.result({ accepted: true }, () => [
    'The installation has the key of this node now. Give it to all other nodes, and set the signing secrets ' +
      'of webhooks again: nobody can read those that were sealed with the lost key.',
  ]);
}

async function takeBack({ context, flags, print }: Run): Promise<void> {
  const config = context.config(configFlags(flags));
  const to = await context.undoMove(config);
  print.result({ undone: to !== undefined, movedTo: to ?? null }, () =>
    to === undefined
      ? [`The installation in ${config.data} was not moved: there is nothing to undo.`]
      : [
          `The installation in ${config.data} may be served again. Whatever is in ${to} is left as it is: ` +
            'do not serve both, and delete that database before you move there again.',
        ],
  );
}
