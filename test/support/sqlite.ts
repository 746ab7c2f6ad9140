import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { databaseFile } from '../../src/storage/engines/sqlite/engine.ts';
import { migrateSqliteStorage } from '../../src/storage/engines/sqlite/open.ts';

/** Makes the database of which each test gets a copy: to make it anew takes longer than most tests. */
export async function makeSqliteTemplate(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-template-'));
  await migrateSqliteStorage(folder);
  process.env['PARLANCE_TEST_SQLITE'] = folder;
  return () => rm(folder, { recursive: true, force: true });
}

/** Puts an empty database with the current schema into a data folder. */
export async function copySqliteTemplate(data: string): Promise<void> {
  const folder = process.env['PARLANCE_TEST_SQLITE'];
  if (!folder) throw new Error('PARLANCE_TEST_SQLITE is not set: run the tests with `npm test`');
  await copyFile(databaseFile(folder), databaseFile(data));
  await chmod(databaseFile(data), 0o600);
}
