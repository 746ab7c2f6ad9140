import { afterEach, beforeEach, expect, it } from 'vitest';
import { Air } from '../peers/phone/air.ts';
import { LivingPhone } from '../peers/phone/living-phone.ts';
import { FakePhone } from '../peers/phone/phone.ts';
import { ask } from '../peers/phone/wire.ts';
import { expectLedgerToEqualMessages } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { Acknowledged } from '../support/load.ts';
import { createPhoneAccounts } from '../support/phone-accounts.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_122);
const kills = 6;
const phones = 6;
const env = {
  PARLANCE_LINKS: JSON.stringify({ phones: { transport: 'phone', settings: { pace: null } } }),
  PARLANCE_ROUTES: JSON.stringify([{ links: ['phones'] }]),
  PARLANCE_LOG_LEVEL: 'info',
};

let database: TestDatabase;
let gateway: GatewayProcess;
beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(async () => {
  await gateway.kill();
  await database.drop();
}, 60_000);

/**
 * Wherever it dies (a message accepted and in no queue; in a queue, and nobody knows; given to a phone whose answer
 * was lost; sent, and not said): each message leaves a phone once, and its client can see that.
 */
it('kill -9 while phones send: nothing is lost, nothing is doubled', async () => {
  const random = seededRandom(seed);
  const start = async () => {
    gateway = await gatewayAt(database.place).start([], env);
  };
  await start();
  const [account] = await createPhoneAccounts(database.place, { count: 1, credits: 1_000_000 });
  const air = new Air();
  const habits = { repeats: 0.1, shuffles: 0.1, loses: 0.2, hooks: 0.1 };
  const crowd = Array.from({ length: phones }, (_, at) => {
    const base = `${gateway.url}/api/mobile/v1`;
    return new LivingPhone(
      new FakePhone({ base, air, seed: seed + at, habits, hooksAt: gateway.url }),
    );
  });
  for (const one of crowd) await one.enrol(account?.token ?? '');

  const acknowledged: Acknowledged[] = [];
  let sent = 0;
  const post = async (): Promise<void> => {
    const answer = await ask('POST', `${gateway.url}/mobilemessage/v1/messages`, {
      headers: { authorization: account?.authorization ?? '' },
      body: {
        messages: Array.from({ length: 1 + random(20) }, () => ({
          to: `04${10_000_000 + ++sent}`,
          message: `Message ${sent}`,
          sender: 'phone',
        })),
      },
    });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body}`);
    const body = JSON.parse(answer.body) as {
      total_cost: number;
      results: { message_id: string }[];
    };
    const ids = body.results.map(({ message_id: id }) => id);
    acknowledged.push({ ids, cost: body.total_cost });
  };

  for (let round = 0; round < kills; round++) {
    const state = { ending: false };
    const clients = Array.from({ length: 3 }, async () => {
      while (!state.ending) await post().catch(() => {});
    });
    await new Promise((resolve) => setTimeout(resolve, 100 + random(600)));
    await gateway.kill();
    state.ending = true;
    await Promise.all(clients);
    await start();
    for (const one of crowd) {
      one.phone.follow(gateway.url);
      await one.connect();
      await one.phone.sayAgain();
    }
  }
  const rows = () =>
    database.query<{ id: string; status: string; possibly_doubled: number | string }>(
      'select id, status, possibly_doubled from messages',
    );
  await waitUntil(
    'all are delivered',
    async () => {
      for (const one of crowd) await one.phone.sayAgain();
      return (await rows()).every(({ status }) => status === 'delivered');
    },
    60_000,
  );
  for (const one of crowd) await one.end();
  const all = await rows();
  const known = new Set(all.map(({ id }) => id));
  expect(acknowledged.flatMap(({ ids }) => ids).filter((id) => !known.has(id))).toEqual([]);
  expect(all.length).toBeGreaterThan(kills * 10);
  expect(air.doubled).toEqual([]);
  expect(air.sent.size).toBe(all.length);
  // Nobody is told that it might be doubled: it is not.
  expect(all.filter((row) => Number(row.possibly_doubled) !== 0)).toEqual([]);
  await expectLedgerToEqualMessages(database, acknowledged);
}, 240_000);
