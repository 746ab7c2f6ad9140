/**
 * The floor of "accept, 100 messages a request, PostgreSQL": the same rows into the same table with the
 * same indexes, 100 by one `insert … select from unnest(…)`, which is a transaction of its own. No HTTP,
 * no checks, no ledger.
 *
 * `node unnest-inserts.ts <url> <connections> <seconds>` prints rows a second. It is a program, so that it
 * has a process to itself as the gateway does.
 */
import { Client } from 'pg';
import type { SqlValue } from '../../src/storage/row.ts';
import { warmUpSeconds } from '../scale.ts';
import { columns, sampleRows } from './sample-row.ts';

const [url, connections, seconds] = process.argv.slice(2);

const clients = Array.from(
  { length: Number(connections) },
  () => new Client({ connectionString: url as string }),
);
await Promise.all(clients.map((client) => client.connect()));
const insert = { name: 'insert', text: await insertSql(clients[0] as Client) };
await insertFor(warmUpSeconds);
console.log(await insertFor(Number(seconds)));
await Promise.all(clients.map((client) => client.end()));

async function insertFor(duration: number): Promise<number> {
  const start = performance.now();
  const end = start + duration * 1000;
  let rows = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        await client.query({ ...insert, values: byColumn(sampleRows(100)) });
        rows += 100;
      }
    }),
  );
  return rows / ((performance.now() - start) / 1000);
}

async function insertSql(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, null) as type from pg_attribute
     where attrelid = 'messages'::regclass`,
  );
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  const arrays = columns.map((column, at) => `$${at + 1}::${types.get(column)}[]`);
  return `insert into messages (${columns.join(', ')}) select * from unnest(${arrays.join(', ')})`;
}

function byColumn(rows: readonly (readonly SqlValue[])[]): SqlValue[][] {
  return columns.map((_, at) => rows.map((row) => row[at] as SqlValue));
}
