import type { Storage } from '../../../core/ports/storage.ts';
import type { Engine } from '../../engine.ts';
import { migrate, requireCurrentSchema } from '../../migrate.ts';
import { storageOn } from '../../storage.ts';
import { openPostgresEngine } from './engine.ts';
import { refusalOf } from './refusals.ts';

/**
 * Takes the URL of a database; gives the storage in it.
 *
 * @throws StorageRefused with what to do, when the server or the database cannot be used, or its schema
 * is not the one this program knows.
 */
export async function openPostgresStorage(url: string): Promise<Storage> {
  const engine = openPostgresEngine(url);
  try {
    await requireCurrentSchema(engine);
  } catch (error) {
    await engine.close();
    throw refusalOf(error, url);
  }
  return storageOn(engine);
}

/**
 * Makes or updates the tables. Several nodes may do so at once: one does it, the others wait.
 *
 * @returns the names of the migrations that were run.
 * @throws StorageRefused as `openPostgresStorage`, and when the database is newer than the program.
 */
export async function migratePostgresStorage(url: string, now = Date.now()): Promise<string[]> {
  const engine = openPostgresEngine(url);
  try {
    return await migratePostgresEngine(engine, url, now);
  } finally {
    await engine.close();
  }
}

/** The same on an engine that is open, which stays so. */
export async function migratePostgresEngine(
  engine: Engine,
  url: string,
  now: number,
): Promise<string[]> {
  try {
    return await migrate(engine, now);
  } catch (error) {
    throw refusalOf(error, url);
  }
}
