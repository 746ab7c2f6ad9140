import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import { Cluster } from '../support/cluster.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { waitUntil } from '../support/wait-until.ts';

const rows = 6_000;
const names = ['one', 'two'] as const;

let cluster: Cluster;
let folder: string;
beforeEach(async () => {
  // So few that it runs for a while.
  vi.stubEnv('PARLANCE_CAMPAIGNS_WAITING_MESSAGES', '500');
  folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-campaign-'));
  cluster = await Cluster.create();
}, 60_000);
afterEach(async () => {
  vi.unstubAllEnvs();
  await cluster.end();
  await rm(folder, { recursive: true });
  vi.unstubAllEnvs();
}, 60_000);

interface Row {
  id: string;
  state: string;
  cursor: string;
  locked_by: string | null;
}

const campaigns = () => cluster.query<Row>('select * from campaigns order by id');

/** The one that has a campaign, by the process id in its name. */
async function holder(nodes: readonly GatewayProcess[]): Promise<GatewayProcess | undefined> {
  const [row] = await cluster.query<{ name: string }>(
    `select nodes.name from nodes join campaigns on campaigns.locked_by = nodes.id
     where campaigns.state = 'running' limit 1`,
  );
  return nodes.find(({ pid }) => row?.name.endsWith(`/${pid}`));
}

it('the node that has a campaign dies for good: another one goes on where it was', async () => {
  const nodes: GatewayProcess[] = [];
  for (const name of names) {
    nodes.push(await cluster.start(name, { slots: 2, sandbox: { latencyMs: 10, window: 20 } }));
  }
  const file = path.join(folder, 'sale.csv');
  const lines = Array.from({ length: rows }, (_, row) => `04${1_000_000 + row}8`);
  await writeFile(file, `mobile\n${lines.join('\n')}\n`);
  const account = 'demo-mobilemessage';
  await cluster.command(['account', 'topup', account, '1000000']);
  const create = ['campaign', 'create', account, file, '--sender', 'CompanyABC', '--text', 'Sale'];
  await cluster.command([...create, '--start']);
  await waitUntil('it runs', async () => Number((await campaigns())[0]?.cursor) > 0, 60_000);
  const victim = await holder(nodes);
  expect(victim).toBeDefined();
  await victim?.kill();
  const then = Number((await campaigns())[0]?.cursor);
  expect(then).toBeLessThan(rows);

  await waitUntil(
    'another one is done',
    async () => (await campaigns())[0]?.state === 'done',
    120_000,
  );
  await waitUntil('all is settled', async () => (await waiting(cluster)) === 0, 120_000);
  const [sent] = await cluster.query<{ n: string; numbers: string }>(
    'select count(*) as n, count(distinct destination) as numbers from messages',
  );
  expect([Number(sent?.n), Number(sent?.numbers)]).toEqual([rows, rows]);
  await expectBooksToBalance(cluster, [], cluster.journals);
}, 300_000);
