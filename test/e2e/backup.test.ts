import { copyFile, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { migrateStorage, openStorage } from '../../src/storage/engines/index.ts';
import { databaseFile } from '../../src/storage/engines/sqlite/engine.ts';
import { Fixtures } from '../../src/storage/testkit/fixtures.ts';
import { baseBackup } from '../support/base-backup.ts';
import { expectLedgerToEqualMessages, handedOver, waiting } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { runCommand, startGateway } from '../support/gateway-process.ts';
import type { Acknowledged } from '../support/load.ts';
import { runLoad } from '../support/load.ts';
import { PostgresServer } from '../support/postgres-server.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { engine, querySqlite } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * An owner's worst day: the machine is gone, and what is left is a backup that was taken while the gateway
 * was busy. Everything that a client was told of before the backup began must be in it.
 */

/** Replies that make the database so large that SQLite's copy takes several steps, between which it is written to. */
const ballast = 20_000;

let folder: string;
let servers: PostgresServer[];
let gateways: GatewayProcess[];
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-backup-'));
  servers = [];
  gateways = [];
});
afterEach(async () => {
  await Promise.all(gateways.map((gateway) => gateway.kill()));
  await Promise.all(servers.map((server) => server.destroy()));
  await rm(folder, { recursive: true, force: true });
});

/** A data folder, and the database that goes with it. */
interface Installation {
  data: string;
  server: PostgresServer | undefined;
}

const storageOf = ({ server }: Installation): string => server?.url() ?? '';
const journalOf = ({ data }: Installation): string => path.join(data, 'journal.jsonl');

async function install(): Promise<Installation> {
  const data = path.join(folder, 'first');
  // The log of a whole backup must still be there at its end, which pg_basebackup sees to by streaming it.
  const settings = { fsync: 'off', wal_keep_size: '2GB' };
  const server = engine === 'postgres' ? await PostgresServer.create(settings) : undefined;
  if (server) servers.push(server);
  const here = { data, server };
  const place = { data, storage: storageOf(here) };
  await migrateStorage(place);
  const storage = await openStorage(place);
  const rows = new Fixtures();
  for (let page = 0; page < ballast; page += 2_000) {
    const receivedAt = Date.now();
    const replies = Array.from({ length: 2_000 }, () =>
      rows.reply({ receivedAt, text: 'A long reply. '.repeat(60) }),
    );
    await storage.write((tx) => tx.replies.insert(replies));
  }
  await storage.close();
  return here;
}

const environment = (where: Installation) => ({
  PARLANCE_STORAGE: storageOf(where),
  PARLANCE_LINKS: JSON.stringify({
    sandbox: {
      transport: 'sandbox',
      settings: { journal: 'journal.jsonl', latencyMs: 3, receiptDelayMs: 5 },
    },
  }),
  PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '30',
  PARLANCE_HTTP_PORT: '0',
});

async function serve(where: Installation, ...flags: string[]): Promise<GatewayProcess> {
  const gateway = await startGateway(['--data', where.data, ...flags], environment(where));
  gateways.push(gateway);
  return gateway;
}

const command = (where: Installation, ...args: string[]) =>
  runCommand(['--data', where.data, ...args], { env: environment(where) });

const booksOf = (where: Installation) => ({
  query: async <T>(statement: string): Promise<T[]> => {
    if (!where.server) return querySqlite(where.data, statement) as T[];
    const client = new Client({ connectionString: where.server.url() });
    await client.connect();
    try {
      return (await client.query(statement)).rows as T[];
    } finally {
      await client.end();
    }
  },
});

/** Where a backup is, and how it comes back into a data folder. */
type Restore = (data: string) => Promise<PostgresServer | undefined>;

async function backUp(where: Installation): Promise<Restore> {
  const { server } = where;
  if (server) {
    const refused = await command(where, 'backup', path.join(folder, 'backup.db'));
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/pg_basebackup.*pg_dump.*docs\/operations\.md/);
    const copy = path.join(folder, 'base-backup');
    await baseBackup(server, copy);
    return () => PostgresServer.restore((dataFolder) => cp(copy, dataFolder, { recursive: true }));
  }
  const file = path.join(folder, 'backup.db');
  const done = await command(where, '--json', 'backup', file);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const { size, mode } = await stat(file);
  expect(JSON.parse(done.stdout)).toMatchObject({ file, bytes: size });
  expect(mode & 0o777).toBe(0o600);
  return async (data) => {
    await copyFile(file, databaseFile(data));
    return undefined;
  };
}

it('a backup that was taken under load is served', { timeout: 240_000 }, async () => {
  const first = await install();
  const busy = await serve(first, '--demo');
  const topup = await command(first, 'account', 'topup', 'demo-mobilemessage', '1000000');
  expect(topup.stderr).toBe('');
  const acknowledged: Acknowledged[] = [];
  const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_122);
  const load = runLoad([busy.url], seededRandom(seed), acknowledged);
  await waitUntil('load is on', () => acknowledged.length > 50);

  const before = [...acknowledged];
  const restore = await backUp(first);
  const atItsEnd = acknowledged.length;
  expect(atItsEnd).toBeGreaterThan(before.length);
  await waitUntil('clients are served on', () => acknowledged.length > atItsEnd + 50);
  await load.end();
  expect(load.refused).toEqual(new Map());
  expect(load.broken()).toBe(0);
  // The machine is gone.
  await busy.kill();
  await first.server?.stop('immediate');

  // As the docs say: into a folder of its own, with the key.
  const data = path.join(folder, 'second');
  await mkdir(data, { mode: 0o700 });
  await copyFile(path.join(first.data, 'secret.key'), path.join(data, 'secret.key'));
  const server = await restore(data);
  if (server) servers.push(server);
  const second = { data, server };
  const books = booksOf(second);
  const statuses = async () =>
    new Map(
      (await books.query<{ id: string; status: string }>('select id, status from messages')).map(
        ({ id, status }) => [id, status],
      ),
    );
  const backedUp = await statuses();

  const restored = await serve(second);
  await waitUntil('the queue is empty', async () => (await waiting(books)) === 0, 90_000);
  const sound = await command(second, 'doctor');
  expect(sound.stdout).toContain('0 failed, 0 with a warning.');
  expect(await restored.stop()).toBe(0);

  const now = await statuses();
  expect(before.flatMap(({ ids }) => ids).filter((id) => !now.has(id))).toEqual([]);
  await expectLedgerToEqualMessages(books, before);
  expect(await books.query('select count(*) as n from replies')).toMatchObject([
    { n: expect.toSatisfy((n) => Number(n) === ballast) },
  ]);

  // What had left is not sent again, what waited is, once, and nothing is forgotten half-way.
  const again = await handedOver([journalOf(second)]);
  expect([...again].filter(([, times]) => times > 1)).toEqual([]);
  const sentAgain = new Set([...again.keys()].map((key) => key.slice(0, 36)));
  for (const [id, status] of backedUp) {
    const went = `${status} → ${now.get(id)}${sentAgain.has(id) ? ', sent' : ''}`;
    expect(went).toMatch(
      /^(queued → (sent|delivered), sent|sending → unknown|sent → sent|delivered → delivered)$/,
    );
  }
  expect(now.size).toBe(backedUp.size);
});
