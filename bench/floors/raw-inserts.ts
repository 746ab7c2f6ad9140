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
  await mkdir(folder, { recursive: true });
  await migrateSqliteStorage(folder);
  const database = new DatabaseSync(path.join(folder, 'parlance.db'));
  database.exec('pragma journal_mode = wal; pragma synchronous = full;');
  const insert = database.prepare(
    `insert into messages (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  );
  let rows = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  while (performance.now() < end) {
    database.exec('begin immediate');
    for (const row of sampleRows(100)) insert.run(...row);
    database.exec('commit');
    rows += 100;
  }
  const rate = rows / ((performance.now() - start) / 1000);
  database.close();
  return rate;
}
