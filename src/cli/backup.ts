import path from 'node:path';
import type { Command } from 'commander';
import type { Config } from '../config/load.ts';
import type { BackedUp, BackupProgress } from '../storage/engines/sqlite/backup.ts';
import { lasted } from './migrate/progress.ts';
import { CliError } from './shared/failure.ts';
import { iso, when } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit, Run } from './shared/kit.ts';
import { action, configFlags } from './shared/kit.ts';

const megabyte = 1_000_000;
/** How often the line on a terminal is drawn anew; a copy that is quicker has none. */
const redrawMs = 200;

/** `parlance backup`: a copy of the database, while it is served. */
export function addBackup(program: Command, kit: Kit): void {
  const command = program
    .command('backup')
    .argument('<file>', 'the copy; it must not exist yet')
    .summary('Copy the database while it is served.')
    .description(
      'Copy the database into a file, as it is at one moment, while a gateway serves it or while none does. ' +
        'The copy has its name only when it is whole and on disk. The key in secret.key is not in it: keep ' +
        'that too, apart from it. For SQLite; PostgreSQL has programs of its own, pg_basebackup and pg_dump.',
    )
    .action(action(kit, (run, _options: object, file: string) => backUp(run, path.resolve(file))));
  examples(command, [
    [
      'parlance backup /backup/parlance-$(date +%F).db',
      'a copy of today; one that exists is not overwritten',
    ],
    [
      'parlance doctor --data /restored',
      'looks through a copy that was put into a folder, as parlance.db',
    ],
  ]);
}

async function backUp({ context, flags, print }: Run, file: string): Promise<void> {
  const config = context.config(configFlags(flags));
  if (config.storage !== '') {
    throw new CliError(
      'This installation is in PostgreSQL, whose own programs copy it while it is served: use `pg_basebackup` ' +
        'or `pg_dump`, as the chapter “Backup” of docs/operations.md shows.',
    );
  }
  const { redraw } = context.out;
  let shownAt = 0;
  const show = (progress: BackupProgress): void => {
    if (print.json || progress.tookMs - shownAt < redrawMs) return;
    shownAt = progress.tookMs;
    redraw?.(progressLine(progress));
  };
  const given = new AbortController();
  const giveUp = (): void =>
    given.abort(new CliError('The backup was given up: nothing is left of it.'));
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp);
  try {
    const done = await context.backup(config, file, { onProgress: show, signal: given.signal });
    redraw?.('');
    const { bytes, takenAt, tookMs } = done;
    print.result({ file, bytes, takenAt: iso(takenAt), tookMs: Math.round(tookMs) }, () =>
      doneLines(done, file, config),
    );
  } finally {
    redraw?.('');
    process.off('SIGINT', giveUp).off('SIGTERM', giveUp);
  }
}

function doneLines(
  { bytes, takenAt, tookMs }: BackedUp,
  file: string,
  { data, security }: Pick<Config, 'data' | 'security'>,
): string[] {
  const key = security.key === '' ? path.join(data, 'secret.key') : 'the text of `security.key`';
  return [
    `${file} is written: ${megabytes(bytes)} MB in ${lasted(tookMs)}. What was acknowledged before ${when(takenAt)} UTC is in it.`,
    `Keep ${key} too, but apart: signing secrets in the copy can be read with it, and are lost without it.`,
    'To restore: stop serving, put the copy into an empty folder as parlance.db' +
      `${security.key === '' ? ', the key beside it as secret.key' : ''}, and serve with --data <folder>. What was ` +
      'queued in it is sent again then: see “Restore” in docs/operations.md first.',
  ];
}

/** `████████░░░░░░░░░░░░  42 %  420/1000 MB  8s left` */
export function progressLine({ bytes, ofBytes, tookMs }: BackupProgress): string {
  const share = bytes / ofBytes;
  const full = Math.floor(share * 20);
  return (
    `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${String(Math.floor(share * 100)).padStart(3)} %  ` +
    `${megabytes(bytes)}/${megabytes(ofBytes)} MB  ${lasted(tookMs / share - tookMs)} left`
  );
}

function megabytes(bytes: number): string {
  const number = bytes / megabyte;
  return number < 10 ? number.toFixed(1) : String(Math.round(number));
}
