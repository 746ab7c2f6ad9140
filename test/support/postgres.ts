import { randomUUID } from 'node:crypto';
import type { QueryResult } from 'pg';
import { Client } from 'pg';
import { migratePostgresStorage } from '../../src/storage/engines/postgres/open.ts';

/** The databases of this run begin with it: set by the first process, read by those that it starts. */
const run = (process.env['PARLANCE_TEST_RUN'] ??= `parlance_test_${process.pid}_`);
const template = `${run}template`;
/** Where those are written down that are as new and wait for another test. */
const free = `${run}free`;
/** Past this a table is not emptied but thrown away: rows that are gone still cost who reads it. */
const mostBytes = 1_000_000;

export interface TestPostgres {
  url: string;
  query(statement: string): Promise<unknown[]>;
  drop(): Promise<void>;
}

/**
 * A database of its own, empty, with the current schema unless it is to have none.
 * @param wish `again`: one that served another test will do, and another test may have it afterwards.
 */
export async function createPostgresDatabase({
  schema = true,
  again = false,
} = {}): Promise<TestPostgres> {
  const used = again ? await takeFree() : undefined;
  const name = used ?? (schema ? await copyTemplate() : newName());
  if (!schema) await administer(`create database ${name}`);
  return {
    url: urlOf(name),
    query: async (statement) => (await ask(urlOf(name), statement)).rows,
    drop: async () => {
      if (!again || !(await giveFree(name))) {
        await administer(`drop database if exists ${name} with (force)`);
      }
    },
  };
}

export async function makeTemplate(): Promise<void> {
  await administer(`create table ${free} (name text primary key)`);
  await administer(`create database ${template}`);
  await migratePostgresStorage(urlOf(template));
  await withClient(urlOf(template), async (client) => {
    process.env['PARLANCE_TEST_SHAPE'] = await shapeOf(client);
    process.env['PARLANCE_TEST_CLEANING'] = await cleaningOf(client);
  });
}

/** The template, and what tests left behind. */
export async function dropDatabases(): Promise<void> {
  const { rows } = await administer('select datname from pg_database');
  for (const { datname } of rows as { datname: string }[]) {
    if (datname.startsWith(run)) {
      await administer(`drop database if exists ${datname} with (force)`);
    }
  }
  await administer(`drop table if exists ${free}`);
  const client = await administration;
  administration = undefined;
  await client?.end();
}

const newName = () => `${run}${randomUUID().replaceAll('-', '')}`;

/** Takes a fifth of a second, most of a small test: so what a test gives back is used again. */
async function copyTemplate(): Promise<string> {
  const name = newName();
  await administer(`create database ${name} template ${template} strategy file_copy`);
  return name;
}

async function takeFree(): Promise<string | undefined> {
  const { rows } = await administer(
    `delete from ${free} where name = (select name from ${free} limit 1 for update skip locked)
     returning name`,
  );
  return (rows as { name: string }[])[0]?.name;
}

/** @returns false when it has become something else than a copy of the template with rows in it. */
async function giveFree(name: string): Promise<boolean> {
  for (let looks = 0; await hasGuests(name); looks++) if (looks === 1_000) return false;
  const clean = await withClient(urlOf(name), async (client) => {
    if ((await shapeOf(client)) !== process.env['PARLANCE_TEST_SHAPE']) return false;
    await client.query(process.env['PARLANCE_TEST_CLEANING'] ?? '');
    return true;
  });
  if (clean) await administer(`insert into ${free} values ('${name}')`);
  return clean;
}

/** Sends them away. */
async function hasGuests(name: string): Promise<boolean> {
  const { rows } = await administer(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  );
  return rows.length > 0;
}

/** What is the same for a copy in which there are only rows, and not too many of them. */
async function shapeOf(client: Client): Promise<string> {
  const { rows } = await client.query(
    `select md5(string_agg(format('%s %s %s %s', relname, relkind, relnatts, reltuples), ',' order by relname))
       || ' ' || max(case when relkind = 'r' and pg_relation_size(oid) > ${mostBytes} then 1 else 0 end)
       || ' ' || (select count(*) from pg_constraint)
       || ' ' || (select count(*) from pg_trigger)
       || ' ' || (select count(*) from pg_proc)
       || ' ' || (select count(*) from pg_db_role_setting s
                    join pg_database d on d.oid = s.setdatabase where d.datname = current_database())
       as shape
     from pg_class where relnamespace = 'public'::regnamespace`,
  );
  return (rows as { shape: string }[])[0]?.shape ?? '';
}

/** The statements that make a copy as the template is: what it has rows of gets those again. */
async function cleaningOf(client: Client): Promise<string> {
  const { rows } = await client.query(
    `select relname, relkind from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'S') order by relname`,
  );
  const found = rows as { relname: string; relkind: 'r' | 'S' }[];
  const statements = [
    `do $$ declare one record; begin
       for one in select relname from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' and pg_relation_size(oid) > 0
       loop execute format('delete from %I', one.relname); end loop;
     end $$`,
  ];
  for (const { relname, relkind } of found) {
    if (relkind === 'S') {
      statements.push(`select setval('"${relname}"', 1, false)`);
      continue;
    }
    const answer = await client.query(`select json_agg(t) as kept from "${relname}" t`);
    const { kept } = (answer.rows as { kept: unknown }[])[0] ?? {};
    if (!kept) continue;
    const json = JSON.stringify(kept).replaceAll("'", "''");
    statements.push(
      `insert into "${relname}" select * from json_populate_recordset(null::"${relname}", '${json}')`,
    );
  }
  return statements.join(';\n');
}

/** The server for tests; `test/setup/postgres.ts` sees to it that there is one. */
function urlOf(database: string): string {
  const given = process.env['PARLANCE_TEST_POSTGRES'];
  if (!given) throw new Error('PARLANCE_TEST_POSTGRES is not set: run the tests with `npm test`');
  const url = new URL(given);
  url.pathname = `/${database}`;
  return url.href;
}

let administration: Promise<Client> | undefined;

/** On a connection that stays: to make one takes longer than most of what is said here. */
async function administer(statement: string): Promise<QueryResult> {
  administration ??= connect(urlOf('postgres'));
  const client = await administration;
  return client.query(statement);
}

function ask(url: string, statement: string): Promise<QueryResult> {
  return withClient(url, (client) => client.query(statement));
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // The server may go before whoever holds a connection; who asks then is told.
  client.on('error', () => {});
  await client.connect();
  return client;
}
