import { existsSync } from 'node:fs';

import type { Storage } from '../../../core/ports/storage.ts';
import { migrate, requireCurrentSchema } from '../../migrate.ts';
import { StorageRefused } from '../../refused.ts';
import { storageOn } from '../../storage.ts';
import { databaseFile, openSqliteEngine } from './engine.ts';

/**
 * Takes the data folder; gives the storage in it. `readOnly` is for tools that only look.
 *
 * @throws StorageRefused when there is no database, or its schema is not the one this program knows.
 */
export async function openSqliteStorage(
  folder: string,
  { readOnly = false }: { readOnly?: boolean } = {},
): Promise<Storage> {
  if (!existsSync(databaseFile(folder))) {
    throw new StorageRefused(
      `There is no database in ${folder}: run \`parlance serve\` or \`parlance migrate\`, ` +
        'or look at `data` in the configuration.',
    );
  }
  const engine = openSqliteEngine(folder, { readOnly });
  try {
    await requireCurrentSchema(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return storageOn(engine);
}

/**
 * Makes or updates the database in the data folder, and the folder when it is missing.
 *
 * @returns the names of the migrations that were run.
 * @throws StorageRefused when the database is newer than the program.
 */
export async function migrateSqliteStorage(folder: string, now = Date.now()): Promise<string[]> {
  const engine = openSqliteEngine(folder);
  try {
    return await migrate(engine, now);
  } finally {
    await engine.close();
  }
}
