import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concatenationHeader } from '../../src/smpp/user-data.ts';
import { readId } from '../../src/smpp-server/message-ids.ts';
import { expectBooksToBalance, waiting } from '../support/books.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { SmppClient } from '../support/smpp-client.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

const seed = Number(process.env['PARLANCE_TEST_SEED'] ?? 20_261_121);
const kills = 8;
const login = { systemId: 'demo', password: 'smppdemo' };

/**
 * What was answered with ESME_ROK exists, once, and its receipt comes, whenever the process is killed and
 * whoever is bound meanwhile.
 */
describe('kill -9 with SMPP clients', () => {
  let database: TestDatabase;
  let gateway: GatewayProcess;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await gateway.kill();
    await database.drop();
  });

  const environment = {
    PARLANCE_LINKS: JSON.stringify({
      sandbox: {
        transport: 'sandbox',
        settings: { journal: 'journal.jsonl', latencyMs: 3, receiptDelayMs: 5 },
      },
    }),
    PARLANCE_SMPP_SERVER_PORT: '0',
    PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '5',
    PARLANCE_LOG_LEVEL: 'info',
  };
  const start = async (): Promise<string> => {
    gateway = await gatewayAt(database.place).start(['--demo'], environment);
    const found = /"smpp":\["(smpp:[^"]+)"/.exec(gateway.output());
    if (!found?.[1]) throw new Error(`it does not listen: ${gateway.output()}`);
    return found[1];
  };

  it('loses nothing, doubles nothing, and tells of everything', { timeout: 240_000 }, async () => {
    const random = seededRandom(seed);
    let url = await start();
    const topup = ['account', 'topup', 'demo-smpp', '1000000'];
    expect((await gatewayAt(database.place).run(topup)).stderr).toBe('');

    /** Ids of whole messages that were taken, and of first pieces of which the second was sent as well. */
    const taken: string[] = [];
    const receipts = new Map<string, number>();
    /** Second pieces that were not answered. */
    let unanswered: number[] = [];
    let submitted = 0;

    const note = (client: SmppClient): void => {
      for (const { shortMessage } of client.delivered.splice(0)) {
        const text = shortMessage.toString('latin1');
        const id = /^id:(\S+) .* stat:(?:DELIVRD|UNKNOWN) /.exec(text)?.[1];
        if (id === undefined) throw new Error(`this was not to be told: ${text}`);
        receipts.set(id, (receipts.get(id) ?? 0) + 1);
      }
    };
    // Delivered, by their last digit.
    const to = (nr: number) => `614${1_200_000 + nr}8`;
    const piece = (nr: number, number: number) => ({
      destinationAddr: `614120000${String(nr % 10)}8`,
      esmClass: 0x40,
      shortMessage: Buffer.concat([
        concatenationHeader({ reference: nr % 65_536, number, total: 2 }, 16),
        Buffer.from(`${nr}/${number} `),
      ]),
    });

    for (let round = 0; round < kills; round++) {
      const clients = [
        await SmppClient.bound(url, login),
        await SmppClient.bound(url, login),
        await SmppClient.bound(url, login, 'bind_transmitter'),
      ];
      // What nobody answered is sent again: if it was taken, it is the piece of a message that never is.
      const again = unanswered;
      unanswered = [];
      const [first] = clients as [SmppClient];
      const state = { over: false };
      const works = clients.flatMap((client, at) =>
        Array.from({ length: 10 }, async () => {
          for (const nr of at === 0 ? again.splice(0) : []) {
            try {
              await first.submit(piece(nr, 2));
            } catch {
              unanswered.push(nr);
            }
          }
          while (!state.over) {
            const nr = ++submitted;
            try {
              if (nr % 4 > 0) {
                taken.push(await client.submit({ destinationAddr: to(nr) }));
                continue;
              }
              taken.push(await client.submit(piece(nr, 1)));
              try {
                await client.submit(piece(nr, 2));
              } catch {
                unanswered.push(nr);
              }
            } catch {
              return;
            }
          }
        }),
      );
      await after(300 + random(700));
      await gateway.kill();
      state.over = true;
      await Promise.all(works);
      for (const client of clients) {
        note(client);
        client.destroy();
      }
      url = await start();
    }
    expect(taken.length).toBeGreaterThan(kills * 20);
    expect(new Set(taken).size).toBe(taken.length);

    const last = await SmppClient.bound(url, login);
    for (const nr of unanswered) await last.submit(piece(nr, 2));
    await waitUntil('the queue is empty', async () => (await waiting(database)) === 0, 90_000);
    // The sandbox forgets what it had not said when it was killed: nobody knows more of those.
    const rows = await database.query<{ id: string }>(
      "select id from messages where status = 'sent'",
    );
    const silent = new Set(rows.map(({ id }) => id));
    const ended = taken.filter((id) => !silent.has(readId(id)?.id ?? ''));
    expect(ended.length).toBeGreaterThan(taken.length / 2);
    await waitUntil(
      'each has its receipt',
      () => {
        note(last);
        return ended.every((id) => receipts.has(id));
      },
      60_000,
    );
    // Told again only where the answer was lost: at most a window of each session at each kill.
    const repeated = taken.filter((id) => (receipts.get(id) ?? 0) > 1);
    expect(repeated.length).toBeLessThanOrEqual(kills * 2 * 10 + kills * 10);
    last.destroy();
    expect(await gateway.stop()).toBe(0);

    const ids = taken.map((id) => readId(id)?.id ?? '');
    const cost = ids.length;
    const journal = path.join(database.place.data, 'journal.jsonl');
    await expectBooksToBalance(database, [{ ids, cost }], [journal]);
  });
});

const after = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
