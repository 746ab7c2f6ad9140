import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import type { Engine, WriteSession } from '../../engine.ts';
import { bulkOn, requireTransaction } from './bulk.ts';
import { capabilities } from './capabilities.ts';
import { claimsOn } from './claim.ts';
import { kyselyOn } from './dialect.ts';
import { failureOf } from './failures.ts';
import { createPlaces } from './places.ts';
import { problemsOf } from './problems.ts';

/** How long a statement waits for another process that writes. */
const BUSY_TIMEOUT_MS = 2_000;
/**
 * Pages kept in memory by each connection. With 2 MB, the default, random index pages are read again and again.
 * With 64 MB each commit in which a page was split takes 150 µs more: SQLite then walks through the whole
 * hash table of its cache (the splitting uses a page number far beyond the file's end, `pcache1Truncate`).
 */
const CACHE_KIB = 16 * 1024;

/**
 * Frames of the log before they are brought into the database. With 1000, the default, pages that many
 * commits touch are written four times as often; with 4000 (16 MB) a message costs 5 of 51 µs less.
 */
const CHECKPOINT_FRAMES = 4_000;

/** Where the database of a data folder is. */
export function databaseFile(folder: string): string {
  return join(folder, 'parlance.db');
}

/**
 * Opens the database of a data folder, which is made when it is missing, with two connections: one
 * that writes, and one that only reads, so that readers see what is committed and nothing else.
 *
 * @param options `readOnly`: for tools that only look; nothing is made or written then.
 */
export function openSqliteEngine(
  folder: string,
  { readOnly = false }: { readOnly?: boolean } = {},
): Engine {
  const file = databaseFile(folder);
  const writer = readOnly ? undefined : openWriter(folder, file);
  const reader = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  tune(reader);

  const readSession = { kysely: kyselyOn(reader), bulk: bulkOn(reader) };
  const writeSession: WriteSession | undefined = writer && {
    kysely: kyselyOn(writer, () => requireTransaction(writer)),
    bulk: bulkOn(writer),
    claim: claimsOn(writer),
    hold: async () => {},
  };

  const transaction: Engine['transaction'] = async (work) => {
    if (!writer || !writeSession) throw new Error('this storage was opened for reading only');
    writer.exec('begin immediate');
    try {
      const result = await work(writeSession);
      writer.exec('commit');
      return result;
    } catch (error) {
      rollback(writer);
      throw error;
    }
  };

  return {
    capabilities,
    reader: readSession,
    transaction,
    exclusively: transaction,
    // All rows of a table lie in one tree, and `retain` deletes the old ones.
    keepPartitions: async () => {},
    places: createPlaces(),
    // There is no other node to be told.
    announce: () => {},
    onAnnounced: () => {},
    failureOf,
    problems: () => problemsOf(readSession.kysely),
    async close() {
      if (reader.isOpen) reader.close();
      if (!writer?.isOpen) return;
      try {
        writer.exec('pragma wal_checkpoint(truncate)');
      } finally {
        writer.close();
      }
    },
  };
}

/** Never throws: the error that led here is the one to be told. */
function rollback(db: DatabaseSync): void {
  // A full disk has ended it already.
  if (!db.isOpen || !db.isTransaction) return;
  try {
    db.exec('rollback');
  } catch {
    // Only a disk that fails even now. SQLite rolls back when the file is opened again, and until
    // then every BEGIN fails.
  }
}

function openWriter(folder: string, file: string): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // SQLite would make it readable for everybody; its -wal and -shm take the mode of the file.
  closeSync(openSync(file, 'a', 0o600));
  const db = new DatabaseSync(file, {
    timeout: BUSY_TIMEOUT_MS,
    enableForeignKeyConstraints: true,
  });
  // FULL: a commit is on disk before anybody is told (see docs/adr on the engine).
  db.exec(
    `pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = ${CHECKPOINT_FRAMES}`,
  );
  // What is deleted is overwritten. `fast` leaves pages that become free as they are, which is where the long rows of
  // campaigns were. Six runs of 20 000 messages end to end took 175 to 280 µs of processor each, with it and without.
  // To delete 20 000 rows and 200 of 30 kB took 56 ms instead of 25, and the WAL 7 MB instead of 1.
  db.exec('pragma secure_delete = on');
  tune(db);
  return db;
}

function tune(db: DatabaseSync): void {
  db.exec(`pragma cache_size = -${CACHE_KIB}; pragma case_sensitive_like = on`);
}
