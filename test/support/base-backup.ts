import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import type { PostgresServer } from './postgres-server.ts';

/**
 * Copies the files of a server that serves, as pg_basebackup does, which is not among the programs that
 * npm brings: "Making a Base Backup Using the Low Level API" in its documentation.
 */
export async function baseBackup(server: PostgresServer, into: string): Promise<void> {
  const client = new Client({ connectionString: server.url() });
  await client.connect();
  try {
    // One session for both: the server gives the backup up when it ends.
    await client.query("select pg_backup_start('parlance', fast => true)");
    // The log is copied at the end, when it holds whatever the other files need to agree.
    await copyFolder(
      server.dataFolder,
      into,
      new Set(['pg_wal', 'postmaster.pid', 'postmaster.opts']),
    );
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(wait_for_archive => false)',
    );
    await writeFile(path.join(into, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 });
    await copyFolder(path.join(server.dataFolder, 'pg_wal'), path.join(into, 'pg_wal'));
  } finally {
    await client.end();
  }
}

/** Copies what is there; a file that the server deletes meanwhile is not missed. */
async function copyFolder(from: string, to: string, without = new Set<string>()): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (without.has(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await copyFile(source, target).catch(unlessGone);
  }
}

function unlessGone(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
