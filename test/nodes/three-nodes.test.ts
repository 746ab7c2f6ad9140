import { afterEach, describe, expect, it } from 'vitest';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import { Cluster } from '../support/cluster.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import type { Acknowledged } from '../support/load.ts';
import { runLoad } from '../support/load.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

const random = seededRandom(Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121));
let cluster: Cluster;
let receiver: WebhookReceiver;
afterEach(async () => {
  await cluster.end();
  await receiver.close();
});

const roles = {
  one: ['api', 'dispatch'],
  two: ['api', 'dispatch'],
  three: ['notify'],
} as const;
type Name = keyof typeof roles;
const names = Object.keys(roles) as Name[];
/** The sandbox link is held by both that dispatch. */
const start = (name: Name): Promise<GatewayProcess> =>
  cluster.start(name, { roles: roles[name], slots: 2, sandbox: { latencyMs: 3 } });

/**
 * Two nodes that take in and send, and one that tells the webhooks; each is killed under load, at random
 * moments, and comes back. Whom it hits first, chance decides.
 */
describe('three nodes', () => {
  it('of which one after the other is killed: every message, credit and webhook is accounted for', {
    timeout: 300_000,
  }, async () => {
    cluster = await Cluster.create();
    receiver = await startReceiver();
    const nodes = new Map<Name, GatewayProcess>();
    for (const name of names) nodes.set(name, await start(name));
    await cluster.command(['account', 'topup', 'demo-mobilemessage', '1000000']);
    const webhook = ['--topic', 'status', '--url', receiver.url];
    await cluster.command([
      'webhook',
      'set',
      'demo-mobilemessage',
      '--dialect',
      'mobilemessage',
      ...webhook,
    ]);

    const acknowledged: Acknowledged[] = [];
    const order = names.toSorted(() => random(3) - 1);
    // One dies a second time, and does not come back.
    const victims = [...order, 'two'] as const;
    for (const [at, victim] of victims.entries()) {
      const urls = (['one', 'two'] as const).map((name) => nodes.get(name)?.url as string);
      const load = runLoad(urls, random, acknowledged);
      const before = acknowledged.length;
      await waitUntil('load is on', () => acknowledged.length > before + 30, 60_000);
      await after(random(500));
      await nodes.get(victim)?.kill();
      // The others go on.
      const then = acknowledged.length;
      await waitUntil('the others serve', () => acknowledged.length > then + 30, 60_000);
      await load.end();
      expect(load.refused).toEqual(new Map());
      if (at < order.length) nodes.set(victim, await start(victim));
    }

    await waitUntil('all is settled', async () => (await waiting(cluster)) === 0, 120_000);
    await expectBooksToBalance(cluster, acknowledged, cluster.journals);

    // Of each message that ended its client was told so, at least once.
    await waitUntil('all is told', async () => (await untold()) === 0, 120_000);
    const told = new Set(
      receiver.received
        .map(({ body }) => JSON.parse(body) as { message_id: string; status: string })
        .filter(({ status }) => status !== 'sent')
        .map((body) => body.message_id),
    );
    const ended = await cluster.query<{ id: string }>(
      "select id from messages where status in ('delivered', 'unknown')",
    );
    expect(ended.length).toBeGreaterThan(100);
    expect(ended.filter(({ id }) => !told.has(id))).toEqual([]);
  });
});

async function untold(): Promise<number> {
  const [row] = await cluster.query<{ n: string }>(
    "select count(*) as n from notifications where status = 'pending'",
  );
  return Number(row?.n);
}

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
