import type { Storage } from '../../../core/ports/storage.ts';
import { migrate, requireCurrentSchema } from '../../migrate.ts';
import { storageOn } from '../../storage.ts';
import { openPostgresEngine } from './engine.ts';

/**
 * Takes the URL of a database; gives the storage in it.
 *
 * @throws StorageRefused when its schema is not the one this program knows; what the driver throws when
 * the server cannot be reached.
 */
export async function openPostgresStorage(url: string): Promise<Storage> {
  const engine = openPostgresEngine(url);
  try {
    await requireCurrentSchema(engine);
  } catch (error) {
    await engine.close();
    throw error;
  }
  return storageOn(engine);
}

/**
 * Makes or updates the tables. Several nodes may do so at once: one does it, the others wait.
 *
 * @returns the names of the migrations that were run.
 * @throws StorageRefused when the database is newer than the program.
 */
export async function migratePostgresStorage(url: string, now = Date.now()): Promise<string[]> {
  const engine = openPostgresEngine(url);
  try {
    return await migrate(engine, now);
  } finally {
    await engine.close();
  }
}
