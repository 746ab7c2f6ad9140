import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { StorageRefused } from './refused.ts';

/** sqlite.org/rescode.html */
const SQLITE_BUSY = 5;

/** Held for as long as the process serves. */
export interface DataFolderLock {
  release(): void;
}

/**
 * Takes the data folder for one serving process, whichever engine it serves: two would both believe that
 * the other's leases are those of a dead node, and write the same files. The lock is an exclusive transaction on a small SQLite file of its own, so it
 * is one of the kernel's file locks: it ends with the process, however that ends, and leaves nothing
 * behind that must be cleaned up. Commands that only read or write a row do not take it.
 *
 * @throws StorageRefused when another process serves this folder.
 */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  const db = new DatabaseSync(join(folder, 'serve.lock'), { timeout: 0 });
  try {
    db.exec('begin exclusive');
  } catch (error) {
    db.close();
    if ((error as { errcode?: unknown }).errcode !== SQLITE_BUSY) throw error;
    throw new StorageRefused(
      `Another parlance is serving from the data folder ${folder}: ` +
        'stop it first, or give this one another folder (`data` in the configuration).',
    );
  }
  return { release: () => db.close() };
}
