import { randomUUID } from 'node:crypto';
import type { QueryResult } from 'pg';
import { Client } from 'pg';
import { migratePostgresStorage } from '../../src/storage/engines/postgres/open.ts';

/** The databases of this run begin with it: set by the first process, read by those that it starts. */
const run = (process.env['PARLANCE_TEST_RUN'] ??= `parlance_test_${process.pid}_`);
const template = `${run}template`;

export interface TestPostgres {
  url: string;
  query(statement: string): Promise<unknown[]>;
  drop(): Promise<void>;
}

/** A database of its own, empty, with the current schema unless it is to have none. */
export async function createPostgresDatabase({ schema = true } = {}): Promise<TestPostgres> {
  const name = `${run}${randomUUID().replaceAll('-', '')}`;
  await administer(
    schema
      ? `create database ${name} template ${template} strategy file_copy`
      : `create database ${name}`,
  );
  return {
    url: urlOf(name),
    query: async (statement) => (await ask(urlOf(name), statement)).rows,
    drop: async () => {
      await administer(`drop database if exists ${name} with (force)`);
    },
  };
}

export async function makeTemplate(): Promise<void> {
  await administer(`create database ${template}`);
  await migratePostgresStorage(urlOf(template));
}

/** The template, and what tests left behind. */
export async function dropDatabases(): Promise<void> {
  const { rows } = await administer('select datname from pg_database');
  for (const { datname } of rows as { datname: string }[]) {
    if (datname.startsWith(run)) {
      await administer(`drop database if exists ${datname} with (force)`);
    }
  }
}

/** The server for tests; `test/setup/postgres.ts` sees to it that there is one. */
function urlOf(database: string): string {
  const given = process.env['PARLANCE_TEST_POSTGRES'];
  if (!given) throw new Error('PARLANCE_TEST_POSTGRES is not set: run the tests with `npm test`');
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.href;
}

function administer(statement: string): Promise<QueryResult> {
  return ask(urlOf('postgres'), statement);
}

async function ask(url: string, statement: string): Promise<QueryResult> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}
