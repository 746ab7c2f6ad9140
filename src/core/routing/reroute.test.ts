import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import { storedMessage, submitText, submitTexts } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import type { WorldAccount } from '../../../test/support/world-account.ts';
import type { World, WorldWish } from '../../../test/support/world.ts';
import { createWorld } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import type { LinkId, MessageId, NodeId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import { millicredits } from '../money.ts';
import type { Storage } from '../ports/storage.ts';
import type { SendOutcome } from '../ports/transport.ts';
import { Reroute } from './reroute.ts';
import type { CostList } from './rule.ts';

const { setUp } = useWorlds(100_000);

const costs = (amount: number): CostList => ({
  standard: millicredits(amount),
  prefixes: new Map(),
});
const long = 'A text of more than one part. '.repeat(12);
const down: SendOutcome = {
  kind: 'retryable',
  code: 'link_unavailable',
  again: 'elsewhere',
  detail: 'the line is down',
};

/** Two links, of which the first one costs 10 and the second 20. */
async function twoLinks(wish: WorldWish = {}) {
  const [first, second] = [new TestLink('first'), new TestLink('second')];
  const given = await setUp({
    links: [first, second],
    routes: [
      {
        links: [
          { link: first.id, cost: costs(10) },
          { link: second.id, cost: costs(20) },
        ],
      },
    ],
    ...wish,
  });
  return { ...given, first, second };
}

/** A message that waits for the first link, while all are down; then the second comes up. */
async function waitingForFirst(
  given: { world: World; account: WorldAccount; first: TestLink; second: TestLink },
  text?: string,
): Promise<Message> {
  const { world, account, first, second } = given;
  first.current = 'down';
  second.current = 'down';
  const message = await submitText(world, account, text);
  await world.clock.advance(1_000);
  second.current = 'up';
  return message;
}

describe('a new message', () => {
  it('passes over a link that is down', async () => {
    const { world, account, first, second } = await twoLinks();
    first.current = 'down';
    const message = await submitText(world, account);
    await world.clock.settle();
    expect(second.sent).toHaveLength(1);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'sent',
      linkId: 'second',
      cost: 20,
      attempts: 1,
    });
    first.current = 'up';
    await submitText(world, account);
    await world.clock.settle();
    expect(first.sent).toHaveLength(1);
  });

  it('that is scheduled takes the link that is best when its time has come', async () => {
    const { world, account, first, second } = await twoLinks();
    first.current = 'down';
    const at = world.clock.now() + 60_000;
    const message = await submitText(world, account, 'Later', at);
    expect(await storedMessage(world, message)).toMatchObject({ linkId: 'second', cost: 20 });
    first.current = 'up';
    await world.clock.advance(62_000);
    expect([first.sent.length, second.sent.length]).toEqual([1, 0]);
    expect(await storedMessage(world, message)).toMatchObject({ linkId: 'first', cost: 10 });
  });
});

describe('a link that does not take a message for now', () => {
  it('here: it waits for this link, whatever others there are; elsewhere: the next one at once', async () => {
    const { world, account, first, second } = await twoLinks();
    const here: SendOutcome = { ...down, again: 'here', retryAfterMs: 30_000 };
    first.answers.push(here, here, down);
    const message = await submitText(world, account);
    await world.clock.advance(29_000);
    expect([first.sent.length, second.sent.length]).toEqual([1, 0]);
    await world.clock.advance(33_000);
    expect(first.sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(second.sent.map(({ attempt }) => attempt)).toEqual([4]);
    expect(await storedMessage(world, message)).toMatchObject({ linkId: 'second', cost: 20 });
  });

  it('of several parts, one that must go elsewhere speaks for all', async () => {
    const { world, account, first, second } = await twoLinks();
    const slow: SendOutcome = {
      kind: 'retryable',
      code: 'link_throttled',
      again: 'here',
      detail: 'slow down',
      retryAfterMs: 60_000,
    };
    first.answers.push(slow, down, slow);
    await submitText(world, account, long);
    await world.clock.settle();
    expect(second.sent.map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});

describe('what waits for a link that is away too long', () => {
  it('takes the next one of its route that is up, once, and stays there', async () => {
    const given = await twoLinks();
    const { world, first, second } = given;
    const message = await waitingForFirst(given);
    await world.clock.advance(28_000);
    expect(second.sent).toEqual([]);
    await world.clock.advance(4_000);
    expect(second.sent).toHaveLength(1);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'sent',
      linkId: 'second',
      cost: 20,
      attempts: 1,
      error: null,
    });
    first.current = 'up';
    await world.clock.advance(60_000);
    expect([first.sent.length, second.sent.length]).toEqual([0, 1]);
    const timeline = await world.storage.read.messages.timeline(message.id);
    expect(timeline.map(({ what, detail }) => `${what}: ${detail}`)).toEqual([
      'rerouted: first is down: by second',
    ]);
    expect(await world.metrics.render()).toContain(
      'parlance_messages_rerouted_total{link="first"} 1',
    );
  });

  it('goes by the first when that is back in time', async () => {
    const given = await twoLinks();
    const { world, first, second } = given;
    await waitingForFirst(given);
    await world.clock.advance(20_000);
    first.current = 'up';
    await world.clock.advance(2_000);
    expect([first.sent.length, second.sent.length]).toEqual([1, 0]);
    first.current = 'down';
    await world.clock.advance(60_000);
    expect(second.sent).toEqual([]);
  });

  it('stays where it is when all are down', async () => {
    const given = await twoLinks();
    const { world, second } = given;
    const message = await waitingForFirst(given);
    second.current = 'down';
    await world.clock.advance(120_000);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'queued',
      linkId: 'first',
    });
    second.current = 'up';
    await world.clock.advance(12_000);
    expect(second.sent).toHaveLength(1);
  });

  it('is given back by the node that had claimed it, but not what was handed over', async () => {
    const [first, second] = [new TestLink('first', { window: 1 }), new TestLink('second')];
    const { world, account } = await setUp({ links: [first, second] });
    const answer = Promise.withResolvers<SendOutcome>();
    first.answers.push(answer.promise);
    const messages = await submitTexts(world, account, ['under way', 'claimed', 'claimed too']);
    await world.clock.settle();
    expect(world.dispatcher.load()[0]).toEqual({ linkId: 'first', onTheirWay: 1, waiting: 2 });
    first.current = 'down';
    await world.clock.advance(29_000);
    expect(second.sent).toEqual([]);
    await world.clock.advance(5_000);
    expect(second.sent.map(({ text }) => text).toSorted()).toEqual(['claimed', 'claimed too']);
    expect(await storedMessage(world, messages[0] as Message)).toMatchObject({
      status: 'sending',
      linkId: 'first',
    });
    first.current = 'up';
    answer.resolve({ kind: 'accepted', upstreamId: 'late' });
    await world.clock.advance(60_000);
    expect([first.sent.length, second.sent.length]).toEqual([1, 2]);
  });

  it('keeps the pause that it is in', async () => {
    const { world, account, first, second } = await twoLinks();
    first.answers.push({ ...down, again: 'here', retryAfterMs: 90_000 });
    await submitText(world, account);
    await world.clock.settle();
    first.current = 'down';
    await world.clock.advance(88_000);
    expect(second.sent).toEqual([]);
    await world.clock.advance(4_000);
    expect(second.sent).toHaveLength(1);
    expect(second.sent[0]?.attempt).toBe(2);
  });
});

describe('what the network may have stays with its link', () => {
  it('a message of which it took a part', async () => {
    const { world, account, first, second } = await twoLinks();
    const no = { ...down, retryAfterMs: 90_000 };
    first.answers.push({ kind: 'accepted', upstreamId: 'a' }, no, no);
    const message = await submitText(world, account, long);
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'queued',
      linkId: 'first',
    });
    first.current = 'down';
    await world.clock.advance(300_000);
    expect(second.sent).toEqual([]);
    first.current = 'up';
    await world.clock.advance(2_000);
    expect(first.sent.map(({ number }) => number)).toEqual([1, 2, 3, 2, 3]);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent', cost: 30 });
  });

  it('not one of which nothing was taken: it begins anew elsewhere', async () => {
    const { world, account, first, second } = await twoLinks();
    first.answers.push(down, down, down);
    const message = await submitText(world, account, long);
    await world.clock.settle();
    expect(second.sent.map(({ number }) => number)).toEqual([1, 2, 3]);
    const parts = await world.storage.read.messages.parts(message.id);
    expect(parts.map(({ linkId, status }) => `${linkId} ${status}`)).toEqual(
      Array.from({ length: 3 }, () => 'second sent'),
    );
    expect(await storedMessage(world, message)).toMatchObject({ cost: 60, attempts: 2 });
  });

  it('one that is to be sent again after a lost answer', async () => {
    const { world, account, first, second } = await twoLinks({
      policies: new Map([['first', { onLostAnswer: 'resend' }]]),
    });
    first.answers.push({ kind: 'unknown', detail: 'lost' });
    const message = await submitText(world, account);
    await world.clock.settle();
    first.current = 'down';
    await world.clock.advance(120_000);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'queued',
      linkId: 'first',
      possiblyDoubled: 1,
    });
    expect(second.sent).toEqual([]);
  });
});

describe('a long queue', () => {
  it('is walked through, past what has no other way', async () => {
    const [first, second] = [new TestLink('first'), new TestLink('second')];
    const { world, account } = await setUp({
      links: [first, second],
      routes: [{ tags: ['only'], links: [first.id] }, { links: [first.id, second.id] }],
    });
    first.current = 'down';
    second.current = 'down';
    const bound = await submitTexts(world, account, Array(1_200).fill('bound'), null, {
      tags: ['only'],
    });
    await world.clock.advance(1_000);
    const free = await submitTexts(world, account, Array(700).fill('free'));
    second.current = 'up';
    await world.clock.advance(40_000);
    expect(second.sent.map(({ messageId }) => messageId).toSorted()).toEqual(
      free.map(({ id }) => id).toSorted(),
    );
    // Those that stay are looked at again, since a link may have come up meanwhile.
    expect(await storedMessage(world, bound[0] as Message)).toMatchObject({ linkId: 'first' });
  });
});

/*
 * Rows of a link that is down, which two nodes move while two others, which do not know it yet, claim and hand
 * over whatever they find. Nobody may hand over what somebody else has.
 */
describe('beside those who claim', () => {
  const links = ['first', 'second'] as LinkId[];
  const clock = new FakeClock();
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let world: World;
  const opened: Storage[] = [];
  beforeEach(async () => {
    database = await createTestDatabase();
    world = await createWorld({
      database,
      clock,
      dispatch: false,
      links: links.map((id) => new TestLink(id)),
    });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()));
    await world.close();
    await database.drop();
  });

  const open = async (): Promise<Storage> => {
    const storage = await database.open();
    opened.push(storage);
    return storage;
  };

  it('each message is handed over once', async () => {
    const { health } = world.gateway.delivery.routing;
    health.attend((id) => (id === 'first' ? 'down' : 'up'));
    health.look();
    await clock.advance(30_000);
    const account = await world.account({ credits: 100_000 });
    health.attend((id) => (id === 'first' ? 'up' : 'down'));
    const messages: Message[] = [];
    for (let batch = 0; batch < 8; batch++) {
      messages.push(...(await submitTexts(world, account, Array(100).fill('Hello'))));
    }
    expect(new Set(messages.map(({ linkId }) => linkId))).toEqual(new Set(['first']));
    health.attend((id) => (id === 'first' ? 'down' : 'up'));
    expect(health.longAway()).toEqual(['first']);

    const handedOver: MessageId[] = [];
    const claimer = async (name: string, linkId: LinkId, rounds: number) => {
      const storage = await open();
      const nodeId = name as NodeId;
      for (let round = 0; round < rounds; round++) {
        const now = clock.now();
        const lease = { nodeId, now, leaseUntil: now + 60_000, limit: 17 };
        const claimed = await storage.write((tx) => tx.messages.claim({ ...lease, linkId }));
        expect(claimed.every((one) => one.linkId === linkId)).toBe(true);
        const answerBy = now + 120_000;
        const gone = await storage.write((tx) =>
          tx.messages.handOver(claimed, { nodeId, now, answerBy }),
        );
        handedOver.push(...gone);
      }
    };
    const mover = async () => {
      const reroute = new Reroute({ ...world.gateway.delivery, storage: await open() });
      for (let round = 0; round < 30; round++) await reroute.round();
    };
    // Whoever is faster, both links have some: a claim before anything moves, and 40 in all take 680 of the 800.
    await claimer('one', 'first' as LinkId, 1);
    await Promise.all([
      claimer('one', 'first' as LinkId, 39),
      claimer('two', 'second' as LinkId, 60),
      mover(),
      mover(),
    ]);
    await claimer('three', 'second' as LinkId, 60);
    expect(handedOver.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
    const rows = await database.query<{ link_id: string; n: number }>(
      'select link_id, count(*) as n from messages group by link_id',
    );
    expect(rows).toHaveLength(2);
  });
});
