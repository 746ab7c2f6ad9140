import type { Pool } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { TestPostgres } from '../../../../test/support/postgres.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { openPool } from './pool.ts';

const longestMs = 30_000;
const connections = 3;

/** What the owner's database says, in its units, and what our sessions have all the same. */
const settings = [
  // What was answered would be lost with a power cut.
  { name: 'synchronous_commit', theirs: 'off', ours: 'on' },
  // Plans over a year of partitions are made once, and read no table from one end to the other.
  { name: 'plan_cache_mode', theirs: 'force_custom_plan', ours: 'force_generic_plan' },
  { name: 'enable_seqscan', theirs: 'on', ours: 'off' },
  { name: 'jit', theirs: 'on', ours: 'off' },
  // Nothing waits for ever: 0 would.
  { name: 'statement_timeout', theirs: '0', ours: 'some' },
  { name: 'lock_timeout', theirs: '0', ours: 'some' },
  { name: 'idle_in_transaction_session_timeout', theirs: '0', ours: 'some' },
];

let database: TestPostgres;
let pool: Pool;
beforeEach(async () => {
  database = await createPostgresDatabase({ schema: false });
  for (const { name, theirs } of settings) {
    await database.query(
      `do $$ begin
         execute format('alter database %I set ${name} = ''${theirs}''', current_database());
       end $$`,
    );
  }
  pool = openPool(database.url, connections);
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

it.each(settings)(
  'each connection has its own $name, whatever that of the database is',
  async ({ name, theirs, ours }) => {
    // The sleep keeps each connection busy, so that there are as many as there may be.
    const show = `select pg_backend_pid() as pid, pg_sleep(0.05),
      (select setting from pg_settings where name = '${name}') as setting`;
    expect(await database.query(show)).toMatchObject([{ setting: theirs }]);
    // The very first statement of each.
    const results = await Promise.all(Array.from({ length: connections }, () => pool.query(show)));
    const rows = results.flatMap((result) => result.rows as { pid: number; setting: string }[]);
    expect(new Set(rows.map(({ pid }) => pid)).size).toBe(connections);
    for (const { setting } of rows) {
      if (ours !== 'some') expect(setting).toBe(ours);
      else {
        expect(Number(setting)).toBeGreaterThan(0);
        expect(Number(setting)).toBeLessThanOrEqual(longestMs);
      }
    }
  },
);
