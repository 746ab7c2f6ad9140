import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GatewayError } from '../../src/core/errors.ts';
import type { Storage } from '../../src/core/ports/storage.ts';
import { migrateSqliteStorage, openSqliteStorage } from '../../src/storage/engines/sqlite/open.ts';

export interface TestStorage {
  storage: Storage;
  /** Closes it and deletes its folder. */
  end(): Promise<void>;
}

/** Real storage in a folder of its own. */
export async function openTestStorage(): Promise<TestStorage> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-storage-'));
  await migrateSqliteStorage(folder);
  const storage = await openSqliteStorage(folder);
  return {
    storage,
    end: async () => {
      await storage.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Real storage that refuses every write while it is told to. */
export async function shakyStorage(): Promise<TestStorage & { fail(on: boolean): void }> {
  const { storage, end } = await openTestStorage();
  let failing = false;
  return {
    storage: {
      ...storage,
      read: storage.read,
      write: (work) =>
        failing
          ? Promise.reject(new GatewayError('storage_unavailable', 'The disk is full.'))
          : storage.write(work),
    },
    fail: (on) => {
      failing = on;
    },
    end,
  };
}
