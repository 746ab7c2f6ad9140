import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommand } from '../../../../test/support/gateway-process.ts';
import { createPostgresDatabase } from '../../../../test/support/postgres.ts';
import { PostgresServer } from '../../../../test/support/postgres-server.ts';
import { placeName } from '../../move/place-name.ts';
import { StorageRefused } from '../../refused.ts';
import { migratePostgresStorage, openPostgresStorage } from './open.ts';
import { refusalOf } from './refusals.ts';

const refused = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StorageRefused);
  const { message } = error as Error;
  expect(message).not.toContain('s3cret');
  expect(message).not.toContain('\n');
  return message;
};

/** Both ways to open a database say the same. */
const refusedByBoth = async (url: string): Promise<string> => {
  const message = await refused(openPostgresStorage(url));
  expect(await refused(migratePostgresStorage(url))).toBe(message);
  return message;
};

describe('a server that is not there', () => {
  it('refuses connections', async () => {
    expect(await refusedByBoth('postgres://me:s3cret@127.0.0.1:1/sms')).toBe(
      'postgres://me@127.0.0.1:1/sms refuses connections: start the server, or see to host and port in `storage`.',
    );
  });

  it.each([
    [
      'ends the connection',
      (socket: Socket) => socket.destroy(),
      /ended the connection at once: see /,
    ],
    [
      'has no TLS',
      (socket: Socket) => socket.once('data', () => socket.write('N')),
      /has no TLS, /,
    ],
  ])('%s', async (_, answer, sentence) => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {});
      answer(socket);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const tls = sentence.source.includes('TLS') ? '?sslmode=verify-full' : '';
    expect(await refusedByBoth(`postgres://me:s3cret@127.0.0.1:${port}/sms${tls}`)).toMatch(
      sentence,
    );
    await new Promise((resolve) => server.close(resolve));
  });
});

it('a database that does not exist', async () => {
  const { url, drop } = await createPostgresDatabase({ schema: false });
  await drop();
  const name = new URL(url).pathname.slice(1);
  expect(await refusedByBoth(url)).toBe(
    `${placeName(url)} does not exist: make it with \`create database ${name}\`, or see to the name in \`storage\`.`,
  );
});

it('tables of another program', async () => {
  const database = await createPostgresDatabase({ schema: false });
  await database.query('create table accounts (mine int)');
  expect(await refused(migratePostgresStorage(database.url))).toMatch(
    /holds tables of another program \(relation "accounts" already exists\): name an empty database/,
  );
  await database.drop();
});

/** Each as the driver throws it, or the server says it. */
const others: [object, RegExp][] = [
  [
    { code: 'ENOTFOUND', message: 'getaddrinfo' },
    /since no host is called db\.example: see to the host/,
  ],
  [{ code: 'EAI_AGAIN', message: 'getaddrinfo' }, /name db\.example cannot be looked up: see to /],
  [
    { code: 'ETIMEDOUT', message: 'connect ETIMEDOUT 10.0.0.1:5432' },
    /cannot be reached \(connect E/,
  ],
  [{ message: 'timeout expired' }, /cannot be reached \(timeout expired\): see to host/],
  [{ code: '57P03', message: 'the database system is starting up' }, /: try again in a moment\.$/],
  [{ code: '53300', message: 'sorry, too many clients already' }, /: raise max_connections/],
  [
    {
      code: '28000',
      message: 'no pg_hba.conf entry for host "10.0.0.1", user "me", database "sms", no encryption',
    },
    /does not let this machine in without TLS .*: add `sslmode=verify-full`/,
  ],
  [
    { code: '28000', message: 'role "me" is not permitted to log in' },
    /does not let me in \(role "me"/,
  ],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN', message: 'self-signed' }, /not trusted .* `sslrootcert=`/],
  [
    { code: '58030', message: 'could not read block' },
    /cannot be used now \(could not read block\):/,
  ],
];
it.each(others)('%j', (thrown, sentence) => {
  const error = Object.assign(new Error(), thrown);
  const url = 'postgres://me:s3cret@db.example/sms?sslmode=require';
  for (const one of [error, new AggregateError([error, error])]) {
    const refusal = refusalOf(one, url) as Error;
    expect(refusal.message).toMatch(/^postgres:\/\/me@db\.example\/sms /);
    expect(refusal.message).toMatch(sentence);
    expect(refusal.cause).toBe(one);
  }
});

it('a defect stays what it is', () => {
  const defect = Object.assign(new Error('syntax error'), { code: '42601' });
  expect(refusalOf(defect, 'postgres://db/sms')).toBe(defect);
  const said = new StorageRefused('It is newer.');
  expect(refusalOf(said, 'postgres://db/sms')).toBe(said);
});

describe('a server that asks for a password', () => {
  let server: PostgresServer;
  const urlOf = (user: string, database = 'postgres'): string =>
    server.url(database).replace('//parlance@', `//${user}@`);

  beforeAll(async () => {
    server = await PostgresServer.create({ fsync: 'off' });
    const client = new Client({ connectionString: server.url() });
    await client.connect();
    await client.query("create role guest login password 'guest'");
    await client.query('revoke create on schema public from public');
    await client.end();
    writeFileSync(
      path.join(server.dataFolder, 'pg_hba.conf'),
      'host all parlance all trust\nhost all all all scram-sha-256\n',
    );
    await server.stop();
    await server.start();
  });
  afterAll(() => server.destroy());

  it('which is wrong', async () => {
    expect(await refusedByBoth(urlOf('guest:s3cret'))).toMatch(
      /did not accept the password of guest: see to it in the URL of `storage`, or in PGPASSWORD\.$/,
    );
  });

  it('which is missing, and the process ends at once', async () => {
    const started = performance.now();
    const { code, stderr } = await runCommand(
      ['migrate', '--data', server.dataFolder, '--set', `storage=${urlOf('guest')}`],
      { env: { PGPASSWORD: '' } },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /asks for the password of guest, and there is none: put it into the URL of `storage`, or into PGPASSWORD\.\n$/,
    );
    // The server ends a log-in that does not go on after 60 s.
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  it('of somebody without rights', async () => {
    expect(await refused(migratePostgresStorage(urlOf('guest:guest')))).toMatch(
      /does not give guest the rights that are needed \(permission denied for schema public\): make /,
    );
  });

  it.each(['prefer', 'require', 'verify-ca'])(
    'asked by sslmode=%s for the TLS it has not, without the warning of the driver',
    async (mode) => {
      const { stderr } = await runCommand([
        'migrate',
        '--data',
        server.dataFolder,
        '--set',
        `storage=${server.url()}?sslmode=${mode}`,
      ]);
      expect(stderr).toMatch(/^parlance: .* has no TLS, [^\n]*\n$/);
    },
  );
});
