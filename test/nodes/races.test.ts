import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Message } from '../../src/core/messages/message.ts';
import { weekOf, WEEK_MS } from '../../src/storage/partitions.ts';
import { cutsAt, Fixtures, MINUTE, nodeA, nodeB } from '../../src/storage/testkit/fixtures.ts';
import { FakeClock } from '../support/fake-clock.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase, shakyStorage } from '../support/storage.ts';
import { submitTexts } from '../support/submit.ts';
import type { SentPart } from '../support/test-link.ts';
import { TestLink } from '../support/test-link.ts';
import { waitUntil } from '../support/wait-until.ts';
import type { WebhookReceiver } from '../support/webhook-receiver.ts';
import { startReceiver } from '../support/webhook-receiver.ts';
import type { WorldAccount } from '../support/world-account.ts';
import type { World, WorldWish } from '../support/world.ts';
import { createWorld } from '../support/world.ts';

/*
 * Two nodes that touch the same rows at the same time, in the worst order that their clients can ask for.
 * A deadlock would be ended by the server after a second and the transaction run again, so nobody fails:
 * only the server's own count, and the second, tell of it. Here it looks after a moment.
 */

const clock = new FakeClock();
let database: TestDatabase;
let worlds: World[];
let links: TestLink[];
beforeEach(async () => {
  database = await createTestDatabase();
  await database.query(
    `do $$ begin
       execute format('alter database %I set deadlock_timeout = ''20ms''', current_database());
     end $$`,
  );
  worlds = [];
  links = [];
});
afterEach(async () => {
  for (const world of worlds) await world.close();
  await database.drop();
});

async function start(node: string, wish: WorldWish): Promise<World> {
  const link = new TestLink('test', { node });
  links.push(link);
  const world = await createWorld({ database, clock, node, links: [link], ...wish });
  worlds.push(world);
  return world;
}

async function twoNodes(wish: WorldWish): Promise<[World, World]> {
  return [await start('one', wish), await start('two', wish)];
}

/** Sessions tell of their deadlocks when they end: nobody may be working any more. */
async function deadlocks(): Promise<number> {
  for (const world of worlds.splice(0)) await world.close();
  await waitUntil('all sessions have ended', async () => {
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity
       where datname = current_database() and application_name like 'parlance%'`,
    );
    return row?.n === 0;
  });
  const [row] = await database.query<{ n: number }>(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  return row?.n ?? -1;
}

const numberOf = (last: number): string => `04${12_000_000 + last}`;

describe('nobody waits for each other in a circle', () => {
  it('when requests with and without idempotency keys are taken in together', async () => {
    const nodes = await twoNodes({ dispatch: false });
    const accounts: WorldAccount[] = [];
    for (let at = 0; at < 6; at++) accounts.push(await nodes[0].account());
    const limits = { alphabet: 'any', characters: 2_000, parts: 20 } as const;
    const submit = async (world: World, account: WorldAccount, key: string | null) => {
      const outcome = await world.gateway.submit({
        caller: await account.caller(),
        messages: [
          { to: numberOf(1), text: 'Hello', sender: 'CompanyABC', scheduledAt: null, limits },
        ],
        ...(key !== null && { idempotency: { key, fingerprint: 'same', answer: () => 'done' } }),
      });
      if (outcome.kind !== 'done') throw new Error('replayed');
    };
    const rounds = 25;
    for (let round = 0; round < rounds; round++) {
      // Those that one node must take with care are none of the other's that it must.
      await Promise.all(
        nodes.flatMap((world, node) =>
          accounts.map((account, at) =>
            submit(world, account, (at + node) % 2 ? `${node}-${round}` : null),
          ),
        ),
      );
    }
    for (const account of accounts) expect(await account.credits()).toBe(1_000 - 2 * rounds);
    expect(await deadlocks()).toBe(0);
  });

  it('when handsets stop several accounts at once', async () => {
    const nodes = await twoNodes({ dispatch: false });
    const accounts: { account: WorldAccount; address: string }[] = [];
    for (let at = 0; at < 6; at++) {
      const address = `6140000000${at}`;
      const senders = [{ address, kind: 'dedicated' as const }];
      accounts.push({ account: await nodes[0].account({ senders }), address });
    }
    const rounds = 25;
    for (let round = 0; round < rounds; round++) {
      await Promise.all(
        links.flatMap((link, node) =>
          (node ? accounts.toReversed() : accounts).map(({ address }) =>
            link.reply(`+61412${node}${10_000 + round}`, address, 'STOP', clock.now()),
          ),
        ),
      );
    }
    for (const { account } of accounts) {
      const page = { limit: 1_000, offset: 0 };
      const stopped = await nodes[0].storage.read.optouts.list(account.account.id, page);
      expect(stopped).toHaveLength(2 * rounds);
    }
    expect(await deadlocks()).toBe(0);
  });

  it('when the receipts of one message come in at both', async () => {
    const nodes = await twoNodes({});
    const account = await nodes[0].account();
    const long = 'x'.repeat(400);
    const messages: Message[] = [];
    for (let batch = 0; batch < 9; batch++)
      messages.push(...(await submitTexts(nodes[0], account, Array(20).fill(long) as string[])));
    const sent = () => links.flatMap((link) => link.sent);
    await waitUntil('all is handed over', () => sent().length === 3 * messages.length);
    await clock.settle();
    const parts = sent();
    const [one, two] = links as [TestLink, TestLink];
    const tell = (link: TestLink, some: readonly SentPart[]) =>
      some.map((part) => link.receipt('delivered', { part, at: clock.now() }));
    while (parts.length > 0) {
      const some = parts.splice(0, 3 * 12);
      // Of each message both have a part, and go through them from opposite ends.
      await Promise.all([
        ...tell(
          one,
          some.filter(({ number }) => number !== 2),
        ),
        ...tell(two, some.filter(({ number }) => number === 2).toReversed()),
      ]);
    }
    await clock.settle();
    const rows = await Promise.all(
      messages.map(({ id }) => nodes[1].storage.read.messages.findAny(id)),
    );
    expect(new Set(rows.map((row) => row?.status))).toEqual(new Set(['delivered']));
    expect(await deadlocks()).toBe(0);
  });

  it('when receipts come by either bind, before the answers that name them', async () => {
    const nodes = await twoNodes({});
    for (const link of links) {
      const send = link.send.bind(link);
      link.send = async (part) => {
        const outcome = await send(part);
        const by = links[part.text.length % 2] as TestLink;
        const sent = link.sent.find(({ messageId }) => messageId === part.messageId);
        void by.receipt('delivered', { part: sent, at: clock.now() });
        return outcome;
      };
    }
    const account = await nodes[0].account({ credits: 1_000 });
    const texts = Array.from({ length: 6 }, (_, at) => 'x'.repeat(at + 1));
    for (let round = 0; round < 20; round++) {
      await Promise.all(
        nodes.map((world, at) =>
          submitTexts(
            world,
            account,
            texts.map((text) => `${at} ${round} ${text}`),
          ),
        ),
      );
    }
    await clock.settle();
    await waitUntil('all are delivered', async () => {
      const [row] = await database.query<{ n: number }>(
        "select count(*)::int as n from messages where status <> 'delivered'",
      );
      return row?.n === 0;
    });
    expect(await deadlocks()).toBe(0);
  });

  it('when receipts are repeated by both binds while other messages are answered', async () => {
    const nodes = await twoNodes({});
    // One id for all parts of a message.
    const ids = new Map<string, string>();
    let last = 0;
    for (const link of links) {
      link.send = async (part) => {
        const id = ids.get(part.messageId) ?? `id-${++last}`;
        ids.set(part.messageId, id);
        return { kind: 'accepted', upstreamId: id };
      };
    }
    const account = await nodes[0].account({ credits: 10_000 });
    const texts = (count: number, text: string) =>
      Array.from({ length: count }, (_, at) => `${at} ${text}`);
    for (let round = 0; round < 15; round++) {
      ids.clear();
      await submitTexts(nodes[0], account, texts(6, `${round} ${'x'.repeat(200)}`));
      await clock.settle();
      await waitUntil('all are sent', async () => {
        const [row] = await database.query<{ n: number }>(
          "select count(*)::int as n from messages where status = 'sending'",
        );
        return row?.n === 0;
      });
      const known = [...ids.values()] as SentPart['upstreamId'][];
      for (let more = 0; more < 4; more++) {
        await Promise.all([
          ...nodes.map((world, at) =>
            submitTexts(world, account, texts(3, `${at} ${round} ${more}`)),
          ),
          ...known.flatMap((upstreamId) =>
            links.map((link) =>
              link.receipt('delivered', { part: { upstreamId } as SentPart, at: clock.now() }),
            ),
          ),
        ]);
      }
    }
    await clock.settle();
    expect(await deadlocks()).toBe(0);
  });

  it('when a week gets its tables while messages are written', async () => {
    const [one, two] = await twoNodes({ dispatch: false });
    const now = clock.now();
    const cuts = cutsAt(0);
    // A week of which rows lie in the rest already gets no tables, so this one has them before.
    await one.storage.maintain(now, cuts);
    const rows = new Fixtures();
    const ended = new AbortController();
    let written = 0;
    const write = async ({ storage }: World, nodeId: typeof nodeA): Promise<void> => {
      while (!ended.signal.aborted) {
        const lease = { lockedBy: nodeId, dueAt: now + MINUTE };
        const some = rows.messages(5, () => ({
          ...lease,
          id: rows.id(now),
          createdAt: now,
          parts: 2,
        }));
        await storage.write((tx) => tx.messages.insert(some));
        const gone = await storage.write((tx) =>
          tx.messages.handOver(some, { nodeId, now, answerBy: now + MINUTE }),
        );
        await storage.write(async (tx) => {
          await tx.messages.lock([...gone]);
          const parts = await tx.parts.ofMessages([...gone]);
          await tx.parts.save(parts.map((part) => ({ ...part, status: 'sent' as const })));
        });
        written += gone.size;
      }
    };
    const load = Promise.all(
      [0, 1, 2, 3].map((at) => (at % 2 ? write(two, nodeB) : write(one, nodeA))),
    );
    await waitUntil('load is on', () => written > 50);

    const weeks = 8;
    let putOff = 0;
    for (let week = 1; week <= weeks; week++) {
      const prepare = async (): Promise<boolean> => {
        try {
          await one.storage.maintain(now + week * WEEK_MS, cuts);
          return true;
        } catch (error) {
          // It waits for nobody for long; the next minute's is another chance.
          if (!(error instanceof GatewayError)) throw error;
          putOff += 1;
          return false;
        }
      };
      await waitUntil(`week ${week} is made`, prepare);
    }
    const before = written;
    await waitUntil('load goes on', () => written > before + 50);
    ended.abort();
    await load;
    expect(putOff).toBeLessThan(weeks);
    const made = await database.query<{ name: string }>(
      "select relname as name from pg_class where relname like 'parts_p%' and relkind = 'r'",
    );
    expect(made.map(({ name }) => name).toSorted()).toEqual(
      Array.from(
        { length: weeks + 5 },
        (_, at) => `parts_p${weekOf(now) + at * WEEK_MS}`,
      ).toSorted(),
    );
    expect(await deadlocks()).toBe(0);
  });
});

describe('after an outage of reads, webhooks are told as soon as they work again', () => {
  /** Under way at one host. */
  const atOnce = 16;
  const all = atOnce + 4;
  let receiver: WebhookReceiver;
  let answers: ServerResponse[];
  let shaky: Awaited<ReturnType<typeof shakyStorage>>;
  let dispatch: World;
  let account: WorldAccount;

  beforeEach(async () => {
    answers = [];
    receiver = await startReceiver((_, response) => answers.push(response));
    shaky = await shakyStorage(database);
    dispatch = await start('dispatch', {});
    await start('notify', { storage: shaky.storage, dispatch: false, notify: true });
    account = await dispatch.account({ endpoints: { status: receiver.url } });
  });
  afterEach(() => receiver.close());

  const notifications = () =>
    dispatch.storage.read.notifications.list(account.account.id, { limit: 100, offset: 0 });
  async function tellAll(): Promise<void> {
    await submitTexts(dispatch, account, Array(all).fill('Hello') as string[]);
    await waitUntil('all is handed over', () => links[0]?.sent.length === all);
    await clock.settle();
    for (const part of links[0]?.sent ?? [])
      await links[0]?.receipt('delivered', { part, at: clock.now() });
    expect(await notifications()).toHaveLength(all);
    await clock.advance(1_000);
  }
  const answer = () => {
    for (const response of answers.splice(0)) response.end();
  };
  const allAreTold = () =>
    waitUntil('all are told', async () => {
      answer();
      return (await notifications()).every((one) => one.status === 'delivered');
    });

  it('when they failed right after the claim', async () => {
    shaky.failReads(true);
    await tellAll();
    await waitUntil('they have been claimed', async () =>
      (await notifications()).every((one) => one.dueAt > one.createdAt),
    );
    await clock.settle();
    expect(receiver.received).toEqual([]);
    shaky.failReads(false);
    await clock.advance(3_000);
    await allAreTold();
  });

  it('when they failed right before the try', async () => {
    await tellAll();
    await waitUntil('as many as may are under way', () => answers.length === atOnce);
    shaky.failReads(true);
    // What was read before is known for a second.
    await clock.advance(1_500);
    answer();
    await waitUntil(
      'these are written down',
      async () => (await notifications()).filter((one) => one.doneAt !== null).length === atOnce,
    );
    await clock.settle();
    expect(receiver.received).toHaveLength(atOnce);
    shaky.failReads(false);
    await clock.advance(3_000);
    await allAreTold();
    expect(receiver.received).toHaveLength(all);
  });
});

describe('what handsets write', () => {
  it('is stored even where the storage cannot hold it as it is', async () => {
    const world = await start('one', { dispatch: false });
    const account = await world.account({
      senders: [{ address: '61400000000', kind: 'dedicated' }],
    });
    await links[0]?.reply('+61412345678', '61400000000', 'Hi\0 there', clock.now());
    const page = { limit: 10, offset: 0 };
    expect(await world.storage.read.replies.list(account.account.id, page)).toMatchObject([
      { from: '+61412345678', text: 'Hi\uFFFD there' },
    ]);
  });
});
