import { Agent } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Air } from '../peers/phone/air.ts';
import { LivingPhone } from '../peers/phone/living-phone.ts';
import { FakePhone } from '../peers/phone/phone.ts';
import { ask } from '../peers/phone/wire.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import { createPhoneAccounts } from '../support/phone-accounts.ts';
import { useOf } from '../support/process-use.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase, engine } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const phones = 1_000;
/** PostgreSQL shares the two cores with gateway and phones: there it is tried with less. */
const messagesOfEach = engine === 'postgres' ? 10 : 50;
const accounts = 10;
const messages = phones * messagesOfEach;
/** Of one request. */
const batch = 100;

let database: TestDatabase;
let gateway: GatewayProcess;
beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(async () => {
  await gateway.kill();
  await database.drop();
}, 60_000);

const env = {
  PARLANCE_LINKS: JSON.stringify({ phones: { transport: 'phone', settings: { pace: null } } }),
  PARLANCE_ROUTES: JSON.stringify([{ links: ['phones'] }]),
  PARLANCE_HTTP_MAX_CONNECTIONS: '5000',
  PARLANCE_LOG_LEVEL: 'warn',
};

it('a thousand phones with dozens of messages each: none is lost, none is doubled', async () => {
  const start = performance.now();
  const since = () => Math.round((performance.now() - start) / 100) / 10;
  gateway = await gatewayAt(database.place).start([], { ...env, PARLANCE_LOG_LEVEL: 'info' });
  const owners = await createPhoneAccounts(database.place, {
    count: accounts,
    credits: messages,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const air = new Air();
  const base = `${gateway.url}/api/mobile/v1`;
  const crowd = Array.from(
    { length: phones },
    (_, at) =>
      new LivingPhone(
        new FakePhone({
          base,
          air,
          agent,
          seed: at,
          hooksAt: gateway.url,
          habits: { repeats: 0.05, shuffles: 0.1, loses: 0.3, hooks: 0.05 },
        }),
      ),
  );
  await inTurns(crowd, 50, (one, at) => one.enrol(owners[at % accounts]?.token ?? ''));
  const enrolled = since();
  const idle = await useOf(gateway.pid);

  const sending = performance.now();
  let paid = 0;
  const requests = Array.from({ length: messages / batch }, (_, at) => at);
  await inTurns(requests, 10, async (at) => {
    const { authorization } = owners[at % accounts] as (typeof owners)[number];
    const body = {
      messages: Array.from({ length: batch }, (_, nth) => ({
        to: `04${10_000_000 + at * batch + nth}`,
        message: `Message ${nth} of ${at}`,
        sender: 'phone',
      })),
    };
    const url = `${gateway.url}/mobilemessage/v1/messages`;
    const answer = await ask('POST', url, { headers: { authorization }, body, agent });
    expect(answer.status).toBe(200);
    paid += (JSON.parse(answer.body) as { total_cost: number }).total_cost;
  });
  const accepted = since();
  await waitUntil('all were sent', () => air.sent.size === messages, 150_000);
  const sent = since();
  const undone = async () => {
    const [row] = await database.query<{ n: number | string }>(
      "select count(*) as n from messages where status <> 'delivered'",
    );
    return Number(row?.n);
  };
  await waitUntil('all are delivered', async () => (await undone()) === 0, 60_000);
  const seconds = (performance.now() - sending) / 1000;
  const use = await useOf(gateway.pid);
  await Promise.all(crowd.map((one) => one.end()));
  agent.destroy();

  expect(air.doubled).toEqual([]);
  expect(air.sent.size).toBe(messages);
  expect(crowd.flatMap(({ phone }) => phone.refused)).toEqual([]);
  expect(paid).toBe(messages);
  const [row] = await database.query<{ n: number | string; devices: number | string }>(
    `select count(*) as n, count(distinct device_id) as devices from device_messages
       where state = 'delivered'`,
  );
  expect(Number(row?.n)).toBe(messages);
  expect(Number(row?.devices)).toBe(phones);
  const cpu = (use?.cpuSeconds ?? 0) - (idle?.cpuSeconds ?? 0);
  const { user, system } = process.cpuUsage();
  console.log(
    [
      `${phones} phones, ${messages} messages, on ${engine}: enrolled after ${enrolled} s, accepted after ${accepted} s,`,
      `sent after ${sent} s, delivered after ${since()} s (${Math.round(messages / seconds)} messages a second)`,
      `gateway: ${cpu.toFixed(1)} s of processor time, ${((cpu * 1e6) / messages).toFixed(0)} µs a message;`,
      `(the phones: ${((user + system) / 1e6).toFixed(1)} s)`,
      `memory ${idle?.megabytes} MB with all phones connected, ${use?.mostMegabytes} MB at most`,
    ].join('\n'),
  );
}, 240_000);

/** Does something with each, so many at once. */
async function inTurns<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, at: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let at = next++; at < items.length; at = next++) await work(items[at] as Item, at);
    }),
  );
}
