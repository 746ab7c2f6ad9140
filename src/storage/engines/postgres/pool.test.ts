import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { openPool } from './pool.ts';

/** What the owner's database says, and what our sessions have all the same. */
const settings = {
  // What was answered would be lost with a power cut.
  synchronous_commit: { theirs: 'off', ours: 'on' },
  // Nothing waits for ever.
  statement_timeout: { theirs: '0', ours: '15s' },
  lock_timeout: { theirs: '0', ours: '5s' },
  idle_in_transaction_session_timeout: { theirs: '0', ours: '30s' },
  // Plans over a year of partitions are made once, and read no table from one end to the other.
  plan_cache_mode: { theirs: 'force_custom_plan', ours: 'force_generic_plan' },
  enable_seqscan: { theirs: 'on', ours: 'off' },
  jit: { theirs: 'on', ours: 'off' },
} as const;
const names = Object.keys(settings) as (keyof typeof settings)[];
const shown = `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`;
const expected = (whose: 'theirs' | 'ours') =>
  Object.fromEntries(names.map((name) => [name, settings[name][whose]]));

let database: TestPostgres;
let pool: Pool;
beforeEach(async () => {
  database = await createPostgresDatabase({ schema: false });
  for (const [name, { theirs }] of Object.entries(settings)) {
    await database.query(
      `do $$ begin execute format('alter database %I set ${name} = ''${theirs}''', current_database()); end $$`,
    );
  }
  pool = openPool(database.url, 3);
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

it('gives every connection its settings, whatever those of the database are', async () => {
  expect(await database.query(shown)).toEqual([expected('theirs')]);
  // As many as there are, all at once, each with its very first statement.
  const asked = Array.from({ length: 3 }, () =>
    pool.query(`select pg_backend_pid() as pid, pg_sleep(0.05), one.* from (${shown}) as one`),
  );
  const rows = (await Promise.all(asked)).flatMap((result) => result.rows as { pid: number }[]);
  expect(new Set(rows.map(({ pid }) => pid)).size).toBe(3);
  for (const row of rows) expect(row).toMatchObject(expected('ours'));
});

it('keeps them from one transaction to the next', async () => {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('set local lock_timeout = 1');
    await client.query('rollback');
    expect((await client.query(shown)).rows).toEqual([expected('ours')]);
  } finally {
    client.release();
  }
});
