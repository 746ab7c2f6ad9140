import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { GatewayError } from '../../src/core/errors.ts';
import type { Storage } from '../../src/core/ports/storage.ts';
import { databaseFile } from '../../src/storage/engines/sqlite/engine.ts';
import type { StoragePlace } from '../../src/storage/engines/index.ts';
import { openStorage } from '../../src/storage/engines/index.ts';
import { createPostgresDatabase } from './postgres.ts';
import { copySqliteTemplate } from './sqlite.ts';
import { counted } from './under-way.ts';

/** The engine that this run of the tests is about: each file that stores anything is run on both. */
export const engine = process.env['PARLANCE_TEST_ENGINE'] === 'postgres' ? 'postgres' : 'sqlite';

/** An empty database of its own, on the engine of this run. */
export interface TestDatabase {
  /** As the configuration of a gateway says it. */
  place: StoragePlace;
  /** What is in it, as another process would open it. Whoever opens it closes it. */
  open(): Promise<Storage>;
  /** Reads it past all of our code, beside whoever has it open. Sums and counts may come as text. */
  query<T>(statement: string): Promise<T[]>;
  /** Deletes it, with its data folder. */
  drop(): Promise<void>;
}

export interface TestStorage {
  storage: Storage;
  /** Another storage on the same rows, as another node has it. Whoever opens it closes it. */
  another(): Promise<Storage>;
  /** Closes it and deletes its database. */
  end(): Promise<void>;
}

/** Makes a database with the current schema. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'parlance-storage-'));
  const postgres =
    engine === 'postgres' ? await createPostgresDatabase({ again: true }) : undefined;
  const place = { data, storage: postgres?.url ?? '' };
  if (!postgres) await copySqliteTemplate(data);
  return {
    place,
    open: async () => counted(withoutKnownProblems(await openStorage(place))),
    query: async <T>(statement: string) =>
      (postgres ? await postgres.query(statement) : querySqlite(data, statement)) as T[],
    drop: async () => {
      await postgres?.drop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Real storage in a database of its own. */
export async function openTestStorage(): Promise<TestStorage> {
  const database = await createTestDatabase();
  const storage = await database.open();
  return {
    storage,
    another: () => database.open(),
    end: async () => {
      await storage.close();
      await database.drop();
    },
  };
}

/** Real storage that refuses every write, or every read, while it is told to. */
export async function shakyStorage(
  given?: TestDatabase,
): Promise<TestStorage & { fail(on: boolean): void; failReads(on: boolean): void }> {
  const opened = given ? await openedIn(given) : await openTestStorage();
  const { storage } = opened;
  let failing = false;
  let blind = false;
  const refusal = () => new GatewayError('storage_unavailable', 'The disk is full.');
  return {
    ...opened,
    storage: {
      ...storage,
      read: refusable(storage.read, () => (blind ? refusal() : undefined)),
      write: (work) => (failing ? Promise.reject(refusal()) : storage.write(work)),
    },
    fail: (on) => {
      failing = on;
    },
    failReads: (on) => {
      blind = on;
    },
  };
}

/** Storage in a database that is somebody else's. */
async function openedIn(database: TestDatabase): Promise<TestStorage> {
  const storage = await database.open();
  return { storage, another: () => database.open(), end: () => storage.close() };
}

/** The same methods, each of which first asks whether it is refused. */
function refusable<T extends object>(methods: T, refused: () => Error | undefined): T {
  return Object.fromEntries(
    Object.entries(methods).map(([name, value]) => [
      name,
      typeof value === 'function'
        ? async (...asked: unknown[]) => {
            const error = refused();
            if (error) throw error;
            return (value as (...asked: unknown[]) => unknown)(...asked);
          }
        : refusable(value, refused),
    ]),
  ) as T;
}

/** Reads an SQLite database past all of our code. */
export function querySqlite(data: string, statement: string): unknown[] {
  const database = new DatabaseSync(databaseFile(data), { readOnly: true });
  try {
    return database.prepare(statement).all();
  } finally {
    database.close();
  }
}

/** The server that the tests bring need not survive a power cut, and says so. */
function withoutKnownProblems(storage: Storage): Storage {
  const problems = async () =>
    (await storage.read.problems()).filter((one) => !/fsync|full_page_writes/.test(one));
  return { ...storage, read: { ...storage.read, problems } };
}
