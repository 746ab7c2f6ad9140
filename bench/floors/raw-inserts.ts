import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrateSqliteStorage } from '../../src/storage/engines/sqlite/open.ts';
import { messageRow } from '../../src/storage/tables.ts';

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
  const { columns } = messageRow;
  const insert = database.prepare(
    `insert into messages (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`,
  );
  const account = randomUUID();
  let rows = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  while (performance.now() < end) {
    const submission = randomUUID();
    const now = Date.now();
    database.exec('begin immediate');
    for (let index = 0; index < 100; index++) {
      insert.run(...sample(columns, { account, submission, now, index }));
    }
    database.exec('commit');
    rows += 100;
  }
  const rate = rows / ((performance.now() - start) / 1000);
  database.close();
  return rate;
}

/** A queued message as the core inserts it; ids sort by time, as the core's do. */
function sample(
  columns: readonly string[],
  {
    account,
    submission,
    now,
    index,
  }: {
    account: string;
    submission: string;
    now: number;
    index: number;
  },
): (string | number | null)[] {
  const row: Record<string, string | number | null> = {
    id: `${now.toString(16).padStart(12, '0')}-${randomUUID()}`,
    account_id: account,
    submission_id: submission,
    position: index,
    destination: `+614${String(12_345_678 + index * 10)}`,
    sender: 'CompanyABC',
    text: 'Hello, this is a test message',
    encoding: 'gsm7',
    parts: 1,
    price: 1000,
    client_ref: `tracking${index}`,
    status: 'queued',
    error: null,
    error_detail: null,
    link_id: 'sandbox',
    priority: 0,
    attempts: 0,
    possibly_doubled: 0,
    due_at: now,
    locked_by: null,
    scheduled_at: null,
    expires_at: now + 259_200_000,
    created_at: now,
    sent_at: null,
    done_at: null,
  };
  return columns.map((column) => {
    const value = row[column];
    if (value === undefined) throw new Error(`the floor does not know the column ${column}`);
    return value;
  });
}
