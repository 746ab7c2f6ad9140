import { existsSync, renameSync, symlinkSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { migrations } from '../../src/storage/migrations/index.ts';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import { Cluster } from '../support/cluster.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import type { Acknowledged, Load } from '../support/load.ts';
import { runLoad } from '../support/load.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { waitUntil } from '../support/wait-until.ts';

/*
 * What the weather does to a database, done to a real one, under load. Every time the same must hold:
 * clients get clear answers, nothing that was accepted is lost or goes out twice unmarked, and everything
 * comes back by itself.
 */

const random = seededRandom(Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121));
let cluster: Cluster;
afterEach(() => cluster.end());

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });

async function topUp(): Promise<void> {
  await cluster.command(['account', 'topup', 'demo-mobilemessage', '1000000']);
}

/** One node, and clients that ask it as fast as they are answered. */
async function underLoad(): Promise<{
  node: GatewayProcess;
  load: Load;
  acknowledged: Acknowledged[];
}> {
  const node = await cluster.start('one');
  await topUp();
  const acknowledged: Acknowledged[] = [];
  const load = runLoad([node.url], random, acknowledged);
  await waitUntil('load is on', () => acknowledged.length > 20);
  return { node, load, acknowledged };
}

/** Every refusal was a 503 in the words of the API, with a time to come back. */
function expectClearRefusals({ refused }: Load): void {
  expect([...refused.keys()]).toEqual([503]);
  const refusal = refused.get(503);
  expect(Number(refusal?.retryAfter)).toBeGreaterThan(0);
  expect(JSON.parse(refusal?.body ?? '')).toEqual({ error: expect.any(String) });
}

async function expectRecovery(load: Load, acknowledged: Acknowledged[]): Promise<void> {
  const before = acknowledged.length;
  await waitUntil('clients are served again', () => acknowledged.length > before + 20, 60_000);
  await load.end();
  await waitUntil('all is settled', async () => (await waiting(cluster)) === 0, 90_000);
  await expectBooksToBalance(cluster, acknowledged, cluster.journals);
}

describe('the database', () => {
  it('goes away for 30 s under load, and comes back', { timeout: 240_000 }, async () => {
    cluster = await Cluster.create();
    const { node, load, acknowledged } = await underLoad();
    await cluster.server.stop('immediate');
    await waitUntil('clients are refused', () => load.refused.size > 0, 30_000);
    await after(30_000);
    expect((await fetch(`${node.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${node.url}/readyz`)).status).toBe(503);
    await cluster.server.start();
    await expectRecovery(load, acknowledged);
    expectClearRefusals(load);
    expect(load.broken()).toBe(0);
  });

  it('ends connections in the middle of their transactions', { timeout: 120_000 }, async () => {
    cluster = await Cluster.create();
    const { load, acknowledged } = await underLoad();
    let ended = 0;
    await waitUntil(
      'fifty have been ended',
      async () => {
        const rows = await cluster.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
         where application_name like 'parlance%' and xact_start is not null
           and pid <> pg_backend_pid() limit 2`,
        );
        ended += rows.length;
        return ended >= 50;
      },
      60_000,
    );
    await expectRecovery(load, acknowledged);
    expectClearRefusals(load);
  });

  it('keeps all connections of a node waiting', { timeout: 120_000 }, async () => {
    cluster = await Cluster.create();
    const { load, acknowledged } = await underLoad();
    const other = new Client({ connectionString: cluster.server.url() });
    await other.connect();
    await other.query('begin');
    await other.query(
      'lock table accounts, credentials, balances, messages in access exclusive mode',
    );
    await waitUntil('clients are refused', () => load.refused.size > 0, 30_000);
    await other.query('rollback');
    await other.end();
    await expectRecovery(load, acknowledged);
    expectClearRefusals(load);
  });

  it('has no connection left for a node', { timeout: 120_000 }, async () => {
    cluster = await Cluster.create({ max_connections: '30' });
    const { load, acknowledged } = await underLoad();
    // Somebody else takes every connection that the node loses.
    const others: Client[] = [];
    await waitUntil(
      'clients are refused',
      async () => {
        try {
          await cluster.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name like 'parlance%' and pid <> pg_backend_pid()`,
          );
        } catch {
          // The test itself finds no connection: all are taken.
        }
        try {
          for (;;) {
            const other = new Client({ connectionString: cluster.server.url() });
            other.on('error', () => {});
            await other.connect();
            others.push(other);
          }
        } catch {
          return load.refused.size > 0;
        }
      },
      60_000,
    );
    await Promise.all(others.map((other) => other.end()));
    await expectRecovery(load, acknowledged);
    expectClearRefusals(load);
  });

  it('has a full disk', { timeout: 120_000 }, async () => {
    if (!existsSync('/dev/full')) throw new Error('this test needs /dev/full, which Linux has');
    cluster = await Cluster.create();
    const node = await cluster.start('one');
    await topUp();
    const post = () =>
      fetch(`${node.url}/mobilemessage/v1/messages`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('user123:mypassword').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          messages: [{ to: '0412345678', message: 'Hello', sender: 'CompanyABC' }],
        }),
      });
    const ledger = () => cluster.query("select id from ledger where kind = 'charge'");
    const [first] = await cluster.query<{ file: string }>(
      `select pg_relation_filepath(inhrelid) as file from pg_inherits
       where inhparent = 'messages'::regclass and inhrelid::regclass::text <> 'messages_rest'
       order by inhrelid::regclass::text limit 1`,
    );
    // Nothing was stored in this week's table: in its place is a file that never has room.
    const file = path.join(cluster.server.dataFolder, first?.file ?? '');
    await cluster.server.stop('fast');
    renameSync(file, `${file}.aside`);
    symlinkSync('/dev/full', file);
    await cluster.server.start();
    await waitUntil('the node has found the server again', async () => {
      return (await fetch(`${node.url}/readyz`)).status === 200;
    });

    const answer = await post();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(await answer.json()).toEqual({ error: expect.stringContaining('no room left') });
    expect(await ledger()).toEqual([]);
    // What needs no room goes on.
    expect((await fetch(`${node.url}/readyz`)).status).toBe(200);

    await cluster.server.stop('immediate');
    unlinkSync(file);
    renameSync(`${file}.aside`, file);
    await cluster.server.start();
    await waitUntil('there is room again', async () => (await post()).status === 200);
    await waitUntil('all is settled', async () => (await waiting(cluster)) === 0, 60_000);
    expect((await ledger()).length).toBeGreaterThan(0);
    const { journals } = cluster;
    await expectBooksToBalance(cluster, [], journals);
  });
});

describe('nodes', () => {
  it('that migrate at once: one does, the others find it done', { timeout: 60_000 }, async () => {
    cluster = await Cluster.create();
    const told = await Promise.all(
      Array.from({ length: 3 }, () => cluster.command(['--json', 'migrate'])),
    );
    const names = told.map((one) => (JSON.parse(one) as { migrations: string[] }).migrations);
    expect(names.filter((each) => each.length > 0)).toHaveLength(1);
    const versions = await cluster.query<{ version: number | string }>(
      'select version from schema_versions order by version',
    );
    expect(versions.map(({ version }) => Number(version))).toEqual(
      migrations.map(({ number }) => number),
    );
  });

  it('one of which dies with 1 000 messages claimed', { timeout: 180_000 }, async () => {
    cluster = await Cluster.create();
    const window = 50;
    const doomed = await cluster.start('doomed', { sandbox: { window, latencyMs: 20_000 } });
    await topUp();
    const acknowledged: Acknowledged[] = [];
    const load = runLoad([doomed.url], random, acknowledged);
    const claimed = async () => {
      const [row] = await cluster.query<{ n: string }>(
        "select count(*) as n from messages where status = 'queued' and locked_by is not null",
      );
      return Number(row?.n);
    };
    // What it keeps in memory for a link is 20 times its window.
    await waitUntil('a thousand are claimed', async () => (await claimed()) >= 950, 60_000);
    await load.end();
    const heir = await cluster.start('heir');
    await doomed.kill();
    await waitUntil('all is settled', async () => (await waiting(cluster)) === 0, 120_000);
    await expectBooksToBalance(cluster, acknowledged, cluster.journals);
    const unknown = await cluster.query("select id from messages where status = 'unknown'");
    // Only what was on its way when it died: one window, of parts.
    expect(unknown.length).toBeGreaterThan(0);
    expect(unknown.length).toBeLessThanOrEqual(window);
    expect(await heir.stop()).toBe(0);
  });
});
