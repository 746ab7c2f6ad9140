import type { Storage } from '../../core/ports/storage.ts';
import { migratePostgresStorage, openPostgresStorage } from './postgres/open.ts';
import { migrateSqliteStorage, openSqliteStorage } from './sqlite/open.ts';

/** Where an installation keeps its rows, as the configuration says it. */
export interface StoragePlace {
  /** The data folder, which holds the database where `storage` is empty. */
  data: string;
  /** Empty, or the `postgres://` URL of a database. */
  storage: string;
}

/**
 * @throws StorageRefused when there is no database, or its schema is not the one this program knows;
 * what the driver throws when a server cannot be reached.
 */
export function openStorage({ data, storage }: StoragePlace): Promise<Storage> {
  return storage === '' ? openSqliteStorage(data) : openPostgresStorage(storage);
}

/**
 * Makes the database, or brings it up to date.
 * @returns the names of the migrations that were run.
 * @throws StorageRefused when it is newer than the program.
 */
export function migrateStorage({ data, storage }: StoragePlace): Promise<string[]> {
  return storage === '' ? migrateSqliteStorage(data) : migratePostgresStorage(storage);
}
