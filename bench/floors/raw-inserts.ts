import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrateSqliteStorage } from '../../src/storage/engines/sqlite/open.ts';
import { columns, sampleRows } from './sample-row.ts';

/**
 * The floor of "accept, 100 messages a request": the same rows into the same table with the same
 * indexes, by one prepared statement in transactions of 100, each synced to disk. No HTTP, no checks, no
 * ledger.
 * @returns rows a second.
 */
export async function rawInserts(folder: string, seconds: number): Promise<number> {
  const { insert, close } = await openTable(folder, 'cache_size');
  let rows = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  while (performance.now() < end) {
    insert(100);
    rows += 100;
  }
  const rate = rows / ((performance.now() - start) / 1000);
  close();
  return rate;
}

/**
 * The floor of a campaign: so many rows of the same kind, in transactions of 500.
 * @returns milliseconds.
 */
export async function rawInsertsOf(folder: string, rows: number): Promise<number> {
  // With as much memory as the gateway gives it: without, the indexes of a long table do not fit.
  const { insert, close } = await openTable(folder, 'cache_size = -16384');
  const start = performance.now();
  for (let done = 0; done < rows; done += 500) insert(Math.min(500, rows - done));
  const took = performance.now() - start;
  close();
  return took;
}

async function openTable(
  folder: string,
  pragma: string,
): Promise<{ insert(rows: number): void; close(): void }> {
  await mkdir(folder, { recursive: true });
  await migrateSqliteStorage(folder);
  const database = new DatabaseSync(path.join(folder, 'parlance.db'));
  database.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma ${pragma}`);
  const statement = database.prepare(
    `insert into messages (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  );
  return {
    insert(rows) {
      database.exec('begin immediate');
      for (const row of sampleRows(rows)) statement.run(...row);
      database.exec('commit');
    },
    close: () => database.close(),
  };
}
