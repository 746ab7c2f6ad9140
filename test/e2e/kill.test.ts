import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { Acknowledged } from '../support/load.ts';
import { runLoad } from '../support/load.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121);
const kills = 12;

/**
 * Users lose money when a message is lost, sent twice or charged twice. So: the process is killed at
 * random moments under load, again and again, and afterwards the books must balance.
 */
describe.each([
  { policy: 'unknown', meaning: 'what was handed over and not answered is not sent again' },
  { policy: 'resend', meaning: 'it is sent again, and marked' },
])('kill -9 under load, links with onLostAnswer $policy', ({ policy }) => {
  let database: TestDatabase;
  let gateway: GatewayProcess;

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await gateway.kill();
    await database.drop();
  });

  const links = JSON.stringify({
    sandbox: {
      transport: 'sandbox',
      onLostAnswer: policy,
      settings: { journal: 'journal.jsonl', latencyMs: 3, receiptDelayMs: 5 },
    },
  });
  const start = () => gatewayAt(database.place).start(['--demo'], environment);
  const environment = {
    PARLANCE_LINKS: links,
    PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '10',
    PARLANCE_LOG_LEVEL: 'info',
  };

  it('loses nothing that was acknowledged, charges it once, doubles nothing unmarked', async () => {
    const random = seededRandom(seed);
    const { data } = database.place;
    gateway = await start();
    const topup = await gatewayAt(database.place).run([
      'account',
      'topup',
      'demo-mobilemessage',
      '1000000',
    ]);
    expect(topup.stderr).toBe('');

    const acknowledged: Acknowledged[] = [];
    for (let round = 0; round < kills; round++) {
      const load = runLoad([gateway.url], random, acknowledged);
      await after(100 + random(700));
      await gateway.kill();
      await load.end();
      expect(load.refused).toEqual(new Map());
      gateway = await start();
    }
    expect(acknowledged.length).toBeGreaterThan(kills * 5);

    await waitUntil('the queue is empty', async () => (await waiting(database)) === 0, 90_000);
    expect(await gateway.stop()).toBe(0);
    await expectBooksToBalance(database, acknowledged, [path.join(data, 'journal.jsonl')], {
      doubles: policy === 'resend',
    });
  }, 240_000);
});

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
