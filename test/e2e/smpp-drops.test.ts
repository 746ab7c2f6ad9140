import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Smsc } from '../peers/smsc/smsc.ts';
import { startSmsc } from '../peers/smsc/smsc.ts';
import { expectLedgerToEqualMessages, waiting } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { Acknowledged } from '../support/load.ts';
import { runLoad } from '../support/load.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_122);
const kills = 3;
/** Lines that break before anybody is killed. */
const breaks = 4;

/**
 * A carrier that breaks its lines in mid-window, again and again, while the gateway is killed under load.
 * It brings again what it was not answered. Afterwards every message and every receipt must be accounted for.
 */
describe.each([
  { policy: 'unknown', meaning: 'nothing reaches a handset twice' },
  { policy: 'resend', meaning: 'what does is marked' },
])('lines that break and a gateway that is killed, onLostAnswer $policy', ({ policy }) => {
  let database: TestDatabase;
  let gateway: GatewayProcess;
  let smsc: Smsc;

  beforeEach(async () => {
    database = await createTestDatabase();
    smsc = await startSmsc({
      seed,
      resendMs: 300,
      ids: { answer: 'hex', receipt: 'decimal' },
      rules: [
        { do: { answerAfterMs: [0, 30], receipts: { afterMs: [0, 80] } } },
        { every: 7, do: { receipts: { times: 2, afterMs: [0, 200] } } },
        { every: 11, do: { receipts: { early: true } } },
        { every: 97, do: { cut: 'taken' } },
        { every: 151, do: { cut: 'answered' } },
        { every: 211, do: { cut: 'mid-answer' } },
        { every: 307, do: { cut: 'unseen' } },
      ],
    });
  });
  afterEach(async () => {
    await gateway.kill();
    await smsc.close();
    await database.drop();
  });

  const start = () =>
    gatewayAt(database.place).start(['--demo'], {
      PARLANCE_LINKS: JSON.stringify({
        carrier: {
          transport: 'smpp',
          onLostAnswer: policy,
          settings: {
            host: '127.0.0.1',
            port: smsc.port,
            systemId: 'parlance',
            binds: 2,
            responseTimeoutSeconds: 3,
          },
        },
      }),
      PARLANCE_ROUTES: JSON.stringify([{ links: ['carrier'] }]),
      PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '6',
      PARLANCE_LOG_LEVEL: 'info',
    });

  it('loses nothing, and doubles nothing unmarked', async () => {
    const random = seededRandom(seed);
    gateway = await start();
    const topup = ['account', 'topup', 'demo-mobilemessage', '1000000'];
    expect((await gatewayAt(database.place).run(topup)).stderr).toBe('');

    const acknowledged: Acknowledged[] = [];
    const breaking = runLoad([gateway.url], random, acknowledged);
    const cuts = () => smsc.sessions.filter(({ bound }) => !bound).length;
    await waitUntil('lines break', () => cuts() >= breaks, 60_000);
    await breaking.end();
    const broken = cuts();
    for (let round = 0; round < kills; round++) {
      const load = runLoad([gateway.url], random, acknowledged);
      await after(400 + random(800));
      await gateway.kill();
      await load.end();
      expect(load.refused).toEqual(new Map());
      gateway = await start();
    }
    // Every line holds from here on: what is on its way arrives.
    smsc.settings.rules = smsc.settings.rules.filter((rule) => !('cut' in rule.do));
    await waitUntil('the queue is empty', async () => (await waiting(database)) === 0, 90_000);
    await waitUntil('the carrier has said all it has to say', () => smsc.pending === 0, 60_000);
    expect(await gateway.stop()).toBe(0);

    const rows = await database.query<Row>(
      'select id, destination, status, parts, possibly_doubled as doubled from messages',
    );
    const known = new Map(rows.map((row) => [row.id, row]));
    const ids = acknowledged.flatMap((one) => one.ids);
    expect(ids.filter((id) => !known.has(id))).toEqual([]);
    await expectLedgerToEqualMessages(database, acknowledged);
    expect(smsc.faults).toEqual([]);

    // Handsets: how often each part of each got there. Two messages to one number are two.
    const toNumber = Map.groupBy(rows, ({ destination }) => destination.slice(1));
    const parts = Map.groupBy(smsc.taken, (one) => `${one.destination.digits}/${one.part}`);
    const doubled = [...parts].filter(([key, taken]) => {
      const messages = toNumber.get(key.split('/')[0] as string) ?? [];
      const most = messages.filter((one) => Number(key.split('/')[1]) <= Number(one.parts)).length;
      const marked = messages.filter((one) => Number(one.doubled) === 1).length;
      return taken.length > most + (policy === 'resend' ? marked * 10 : 0);
    });
    expect(doubled.map(([key]) => key)).toEqual([]);
    const delivered = rows.filter(({ status }) => status === 'delivered');
    for (const { destination } of delivered) {
      expect(parts.has(`${destination.slice(1)}/1`)).toBe(true);
    }
    // Each end is an end, and only what was cut off is unknown.
    expect(rows.filter(({ status }) => !['delivered', 'unknown'].includes(status))).toEqual([]);

    // Receipts: every one was taken. One whose answer was lost names nothing we know, and waits.
    expect(smsc.deliveries.filter(({ status }) => status !== 0)).toEqual([]);
    const answered = new Set(smsc.taken.filter((one) => one.status === 0).map((one) => one.id));
    const parked = await database.query<{ upstream_id: string }>(
      'select distinct upstream_id from parked_receipts where until is null',
    );
    const astray = parked.filter(({ upstream_id: id }) => answered.has(id));
    // Whatever has an id was found by its receipt.
    const missed = await database.query(
      "select * from parts where upstream_id is not null and status <> 'delivered'",
    );
    expect(missed).toEqual([]);
    const [settled] = await database.query<{ n: number | string }>(
      "select count(*) as n from parts where status = 'delivered'",
    );
    console.table([
      {
        policy,
        kills,
        'lines cut': broken,
        messages: rows.length,
        delivered: delivered.length,
        unknown: rows.length - delivered.length,
        'parts at the carrier': smsc.taken.length,
        'parts delivered': Number(settled?.n),
        receipts: smsc.deliveries.length,
        'receipts whose answer got lost': astray.length,
      },
    ]);
    expect(delivered.length).toBeGreaterThan(rows.length * 0.8);
  }, 240_000);
});

interface Row {
  id: string;
  destination: string;
  status: string;
  parts: number | string;
  doubled: number | string;
}

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
