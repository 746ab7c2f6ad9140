import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { runCommand, startGateway } from '../support/gateway-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121);
const kills = 12;
/** As many requests as one account may have in flight. */
const clients = 5;

interface Acknowledged {
  ids: string[];
  cost: number;
}

interface MessageRow {
  id: string;
  status: string;
  price: number;
  parts: number;
  possibly_doubled: number;
}

/**
 * Users lose money when a message is lost, sent twice or charged twice. So: the process is killed at
 * random moments under load, again and again, and afterwards the books must balance.
 */
describe.each([
  { policy: 'unknown', meaning: 'what was handed over and not answered is not sent again' },
  { policy: 'resend', meaning: 'it is sent again, and marked' },
])('kill -9 under load, links with onLostAnswer $policy', ({ policy }) => {
  let folder: string;
  let gateway: GatewayProcess;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'parlance-kill-'));
  });
  afterEach(async () => {
    await gateway.kill();
    await rm(folder, { recursive: true, force: true });
  });

  const links = JSON.stringify({
    sandbox: {
      transport: 'sandbox',
      onLostAnswer: policy,
      settings: { journal: 'journal.jsonl', latencyMs: 3, receiptDelayMs: 5 },
    },
  });
  const start = () =>
    startGateway(['--demo', '--data', folder], {
      PARLANCE_LINKS: links,
      PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '30',
      PARLANCE_LOG_LEVEL: 'info',
    });

  it('loses nothing that was acknowledged, charges it once, doubles nothing unmarked', async () => {
    const random = seededRandom(seed);
    gateway = await start();
    const topup = await runCommand([
      '--data',
      folder,
      'account',
      'topup',
      'demo-mobilemessage',
      '1000000',
    ]);
    expect(topup.stderr).toBe('');

    const acknowledged: Acknowledged[] = [];
    for (let round = 0; round < kills; round++) {
      const load = runLoad(gateway.url, random, acknowledged);
      await after(100 + random(700));
      await gateway.kill();
      await load.ended();
      gateway = await start();
    }
    expect(acknowledged.length).toBeGreaterThan(kills * 5);

    await waitUntil('the queue is empty', () => waiting(folder) === 0, 60_000);
    expect(await gateway.stop()).toBe(0);

    const database = new DatabaseSync(path.join(folder, 'parlance.db'), { readOnly: true });
    const rows = database
      .prepare('select id, status, price, parts, possibly_doubled from messages')
      .all() as unknown as MessageRow[];
    const byId = new Map(rows.map((row) => [row.id, row]));

    // Every message answered with success exists.
    const ids = acknowledged.flatMap((one) => one.ids);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !byId.has(id))).toEqual([]);

    // The ledger equals the messages, and the balance equals the ledger.
    const sum = (sql: string): number =>
      Number(Object.values(database.prepare(sql).get() ?? {})[0] ?? 0);
    expect(sum('select count(*) from (select 1 from ledger group by account_id)')).toBe(1);
    expect(sum('select sum(amount) from balances')).toBe(sum('select sum(amount) from ledger'));
    expect(-sum("select sum(amount) from ledger where kind = 'charge'")).toBe(
      sum('select sum(price) from messages'),
    );
    expect(
      sum(`select count(*) from (
        select submission_id, sum(price) as price from messages group by submission_id
      ) m left join (
        select submission_id, -sum(amount) as charged, count(*) as times from ledger
        where kind = 'charge' group by submission_id
      ) l on l.submission_id = m.submission_id
      where l.charged is not m.price or l.times <> 1`),
    ).toBe(0);
    const answeredCost = acknowledged.reduce((total, one) => total + one.cost, 0) * 1000;
    expect(-sum("select sum(amount) from ledger where kind = 'charge'")).toBeGreaterThanOrEqual(
      answeredCost,
    );

    // No part was handed to the carrier twice without being marked.
    const journal = (await readFile(path.join(folder, 'journal.jsonl'), 'utf8'))
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map(
        (line) => JSON.parse(line) as { messageId: string; part: number; possiblyDoubled: boolean },
      );
    const handed = new Map<string, number>();
    for (const { messageId, part } of journal) {
      const key = `${messageId}/${part}`;
      handed.set(key, (handed.get(key) ?? 0) + 1);
    }
    const doubled = [...handed].filter(([, times]) => times > 1).map(([key]) => key.split('/')[0]);
    if (policy === 'unknown') expect(doubled).toEqual([]);
    const unmarked = doubled.filter((id) => byId.get(id as string)?.possibly_doubled !== 1);
    expect(unmarked).toEqual([]);
    // And what the carrier got is ours, each of it.
    expect(journal.filter((one) => !byId.has(one.messageId))).toEqual([]);

    // Everything is settled: nothing is forgotten half-way.
    const open = rows.filter((row) => !['delivered', 'unknown', 'sent'].includes(row.status));
    expect(open).toEqual([]);
    const neverHanded = rows.filter(
      (row) => row.status !== 'unknown' && !handed.has(`${row.id}/1`),
    );
    expect(neverHanded).toEqual([]);
    database.close();
  }, 180_000);
});

/** Clients that post as fast as they are answered, until the gateway is gone. */
function runLoad(
  url: string,
  random: (below: number) => number,
  acknowledged: Acknowledged[],
): { ended(): Promise<void> } {
  const authorization = `Basic ${Buffer.from('user123:mypassword').toString('base64')}`;
  const post = async (): Promise<void> => {
    for (;;) {
      const count = 1 + random(20);
      const messages = Array.from({ length: count }, () => ({
        to: `04${1_000_000 + random(8_999_999)}8`,
        message: random(5) === 0 ? 'A longer text. '.repeat(15) : 'Hello',
        sender: 'CompanyABC',
      }));
      const response = await fetch(`${url}/mobilemessage/v1/messages`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ messages }),
      });
      const body = (await response.json()) as {
        total_cost?: number;
        results?: { status: string; message_id: string }[];
      };
      if (response.status === 429) continue;
      if (response.status !== 200 || !body.results) {
        throw new Error(`unexpected answer ${response.status}: ${JSON.stringify(body)}`);
      }
      acknowledged.push({
        ids: body.results.filter((r) => r.status === 'success').map((r) => r.message_id),
        cost: body.total_cost ?? 0,
      });
    }
  };
  const all = Array.from({ length: clients }, () =>
    post().catch((error: unknown) => {
      // The kill ends every client by its broken connection; anything else is a failure.
      if (!(error instanceof TypeError)) throw error;
    }),
  );
  return {
    ended: async () => {
      await Promise.all(all);
    },
  };
}

/** Messages that somebody still has to move, read beside the running gateway. */
function waiting(folder: string): number {
  const database = new DatabaseSync(path.join(folder, 'parlance.db'), { readOnly: true });
  const row = database
    .prepare(
      "select count(*) as n from messages where status in ('scheduled', 'queued', 'sending')",
    )
    .get();
  database.close();
  return Number(row?.['n']);
}

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
