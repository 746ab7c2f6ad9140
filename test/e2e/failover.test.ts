import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkId } from '../../src/core/ids.ts';
import { sandbox } from '../../src/transports/sandbox/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import { useWorlds } from '../support/worlds.ts';

const { setUp } = useWorlds(1_000);

describe('two sandboxes, one of which goes down', () => {
  it('every message is delivered, once', async () => {
    const clock = new FakeClock();
    const linkOf = (id: string) =>
      sandbox.create(id as LinkId, sandbox.settings.parse({ window: 5, latencyMs: 100 }), {
        clock,
        dataFolder: '/nowhere',
        log: () => {},
      });
    const [first, second] = [linkOf('first'), linkOf('second')];
    const { world, account } = await setUp({ clock, links: [first, second] });
    const send = async (count: number, from: number) => {
      const answer = await world.inject({
        method: 'POST',
        url: '/mobilemessage/v1/messages',
        headers: { authorization: account.authorization },
        payload: {
          messages: Array.from({ length: count }, (_, index) => ({
            to: `04${12_000_000 + (from + index) * 10}`,
            message: 'Hello',
            sender: 'CompanyABC',
          })),
        },
      });
      expect(answer.statusCode).toBe(200);
    };
    await send(40, 0);
    await clock.advance(300);
    // What it has taken it answers, and says what became of it; the rest has not left us.
    void first.stop();
    await clock.advance(1_000);
    await send(10, 40);
    await clock.advance(60_000);
    const rows = await world.storage.read.messages.search({
      accountId: account.account.id,
      limit: 100,
      offset: 0,
    });
    expect(rows).toHaveLength(50);
    const taken = (id: string) => rows.filter(({ linkId }) => linkId === id).length;
    expect([taken('first') > 0, taken('second') > 0]).toEqual([true, true]);
    // The sandbox tells nothing after its stop: these are with the network, and nobody sends them again.
    const ends = new Map<string, Set<string>>();
    for (const { linkId, status } of rows) {
      ends.set(linkId ?? '', (ends.get(linkId ?? '') ?? new Set()).add(status));
    }
    expect([...(ends.get('second') ?? [])]).toEqual(['delivered']);
    expect([...(ends.get('first') ?? [])].every((one) => ['sent', 'delivered'].includes(one))).toBe(
      true,
    );
    expect(rows.every(({ attempts }) => attempts <= 2)).toBe(true);
  });
});

describe('a link that cannot be started', () => {
  let database: TestDatabase;
  let gateway: GatewayProcess | undefined;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await gateway?.kill();
    await database.drop();
  });

  it('is found to be away, and its messages take the other one', async () => {
    const { data } = database.place;
    // Where its journal should be there is a folder.
    await mkdir(path.join(data, 'broken.jsonl'), { recursive: true });
    const linkOf = (journal: string) => ({ transport: 'sandbox', settings: { journal } });
    const env = {
      PARLANCE_LINKS: JSON.stringify({
        broken: linkOf('broken.jsonl'),
        spare: linkOf('spare.jsonl'),
      }),
      PARLANCE_ROUTES: JSON.stringify([{ links: ['broken', 'spare'], cost: 0.03 }]),
      PARLANCE_DELIVERY_FAILOVER_AFTER_SECONDS: '2',
    };
    const here = gatewayAt(database.place);
    gateway = await here.start(['--demo'], env);
    const { url } = gateway;
    const send = async (to: string) => {
      const answer = await fetch(`${url}/mobilemessage/v1/messages`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('user123:mypassword')}` },
        body: JSON.stringify({ messages: [{ to, message: 'Hello', sender: 'CompanyABC' }] }),
      });
      expect(answer.status).toBe(200);
    };
    /** `spare delivered` */
    const stored = async () => {
      const rows = await database.query<{ link_id: string; status: string }>(
        'select link_id, status from messages order by id',
      );
      return rows.map((row) => `${row.link_id} ${row.status}`);
    };

    await send('0412345670');
    await waitUntil('it took the other way', async () =>
      (await stored()).includes('spare delivered'),
    );
    await send('0412345680');
    await waitUntil('the next one is there', async () => {
      const rows = await stored();
      return rows.length === 2 && rows.every((row) => row === 'spare delivered');
    });

    const journal = (await readFile(path.join(data, 'spare.jsonl'), 'utf8')).trim().split('\n');
    expect(journal).toHaveLength(2);
    const explained = await here.run(['route', 'explain', '0412345678'], { env });
    expect(explained.code).toBe(0);
    expect(explained.stdout).toMatch(/\nspare +100 % +up +0\.03/);
    expect(explained.stdout).toMatch(/\nbroken +- +not held +0\.03/);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('parlance_messages_rerouted_total{link="broken"} 1');
    expect(metrics).toContain('parlance_link_up{link="broken"} 0');
    expect(metrics).toContain('parlance_link_up{link="spare"} 1');
  }, 60_000);
});
