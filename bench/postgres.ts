import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from 'pg';
import { PostgresServer } from '../test/support/postgres-server.ts';
import { cpuOfFamily } from './cpu.ts';
import type { Stage } from './stage.ts';

/** A server as an owner would set it up: safe against a power cut, with room for its work. */
const settings = { shared_buffers: '256MB', max_wal_size: '4GB' };
/** What a figure of PostgreSQL depends on most. */
const shown = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
];

export interface BenchPostgres {
  /** The line that belongs to each result. */
  description: string;
  /** Makes a database; gives its URL. */
  database(name: string): Promise<string>;
  /** Removes a database, and writes down what is left: the next figure does not pay for this one. */
  drop(name: string): Promise<void>;
  /** User and system time of all its processes so far, in milliseconds. */
  cpuMs(): Promise<number>;
}

/** Starts a PostgreSQL of its own, of the programs that npm brings. */
export async function startPostgres(stage: Stage): Promise<BenchPostgres> {
  const starting: Promise<PostgresServer>[] = [];
  stage.later(async () => {
    for (const server of await Promise.allSettled(starting)) {
      if (server.status === 'fulfilled') await server.value.destroy();
    }
  });
  starting.push(PostgresServer.create(settings));
  const server = await (starting[0] as Promise<PostgresServer>);
  const pidFile = await readFile(path.join(server.dataFolder, 'postmaster.pid'), 'utf8');
  const pid = Number(pidFile.split('\n')[0]);
  return {
    description: await describe(server.url()),
    database: async (name) => {
      await administer(server.url(), `create database ${name}`);
      return server.url(name);
    },
    drop: async (name) => {
      await administer(server.url(), `drop database if exists ${name} with (force)`, 'checkpoint');
    },
    cpuMs: () => cpuOfFamily(pid),
  };
}

async function describe(url: string): Promise<string> {
  const [version, ...values] = await administer(
    url,
    'show server_version',
    ...shown.map((name) => `show ${name}`),
  );
  const list = shown.map((name, at) => `${name}=${values[at]}`).join(', ');
  return `PostgreSQL ${version}, ${list}; on the same machine, over TCP`;
}

/** Runs statements one after the other; gives the first value that each answers. */
async function administer(url: string, ...statements: string[]): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const answers: string[] = [];
    for (const text of statements) {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      answers.push(String(rows[0]?.[0]));
    }
    return answers;
  } finally {
    await client.end();
  }
}
