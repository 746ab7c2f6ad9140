import { LinkNews } from '../core/delivery/link-news.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { OutgoingPart, SendOutcome } from '../core/ports/transport.ts';
import type { Storage } from '../core/ports/storage.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { memoryLog } from '../../test/support/memory-log.ts';
import { shakyStorage } from '../../test/support/storage.ts';
import { storedMessage, submitTexts } from '../../test/support/submit.ts';
import { TestLink } from '../../test/support/test-link.ts';
import type { World } from '../../test/support/world.ts';
import { createWorld } from '../../test/support/world.ts';
import type { WorldAccount } from '../../test/support/world-account.ts';
import { DispatchWorker } from './dispatch.ts';
import { LeasedLink } from './leased-link.ts';
import type { LinkPlan } from './link-holder.ts';
import { LinkHolder } from './link-holder.ts';

const minute = 60_000;

let database: Awaited<ReturnType<typeof shakyStorage>>;
let storage: Storage;
let clock: FakeClock;
let world: World;
let account: WorldAccount;
const log = memoryLog();
const nodes: HoldingNode[] = [];
beforeEach(async () => {
  database = await shakyStorage();
  storage = { ...database.storage, manyNodes: true };
  clock = new FakeClock();
  // Takes messages in and hands none over: that is for the nodes of each test.
  const keepOpen = { ...storage, close: async () => {} };
  world = await createWorld({ storage: keepOpen, clock, dispatch: false });
  account = await world.account({ credits: 1_000 });
});
afterEach(async () => {
  database.fail(false);
  const stopping = Promise.all(nodes.splice(0).map((node) => node.stop()));
  // For links that never answer.
  await clock.advance(15_000);
  await stopping;
  await world.close();
  await database.end();
});

interface HoldingNode {
  /** Every one that was made, the newest last. */
  links: TestLink[];
  plans: LinkPlan[];
  holder: LinkHolder;
  dispatcher: DispatchWorker;
  stop(): Promise<void>;
}

interface NodeWish {
  links?: string[];
  slots?: number;
  storage?: Storage;
  clock?: FakeClock;
  make?: (id: string) => TestLink;
}

/** A node with the dispatch role. */
async function serving(name: string, wish: NodeWish = {}): Promise<HoldingNode> {
  const { links: ids = ['test'], slots: count = 1, make = (id) => new TestLink(id) } = wish;
  const given = { storage, clock, ...wish, host: world.gateway, log: log.logger };
  const dispatcher = new DispatchWorker(name as NodeId, storage);
  const { storage: own, clock: time } = given;
  const context = { ...world.gateway.delivery, storage: own, clock: time, dispatcher };
  dispatcher.serve(context, new LinkNews(context), log.logger);
  const links: TestLink[] = [];
  const plans = ids.map((id) => ({
    id: id as LinkId,
    nodes: count,
    create: () => {
      const link = make(id);
      links.push(link);
      return link;
    },
  }));
  const holder = new LinkHolder({ ...given, links: plans, dispatcher });
  await holder.join();
  dispatcher.start();
  holder.start();
  const stop = async () => {
    await Promise.all([holder.stop(), dispatcher.stop()]);
  };
  const node = { links, plans, holder, dispatcher, stop };
  nodes.push(node);
  return node;
}

async function stopped(node: HoldingNode): Promise<void> {
  nodes.splice(nodes.indexOf(node), 1);
  await node.stop();
}

const states = (node: HoldingNode) => node.links.map(({ current }) => current);
const sentBy = (node: HoldingNode) => node.links.flatMap(({ sent }) => sent.map((p) => p.text));
const holders = async () =>
  (await storage.read.linkHolders.list()).map((one) => `${one.linkId} ${one.slot} ${one.nodeId}`);

describe('a link with one slot', () => {
  it('is held by one node, at once, and the other one sends nothing', async () => {
    const a = await serving('a');
    expect(states(a)).toEqual(['up']);
    const b = await serving('b');
    await submitTexts(world, account, ['Hello']);
    await clock.advance(minute);
    expect(sentBy(a)).toEqual(['Hello']);
    expect(states(a)).toEqual(['up']);
    expect(b.links).toEqual([]);
    expect(b.dispatcher.reserve('test' as LinkId, [])).toBeUndefined();
    expect(await holders()).toEqual(['test 1 a']);
  });

  it('is taken over when its holder has died, not before its lease has ended', async () => {
    // A process that has stopped without a word: its time stands still.
    const own = new FakeClock(clock.now());
    const a = await serving('a', { clock: own });
    const b = await serving('b');
    await clock.advance(14_000);
    expect(b.links).toEqual([]);
    await clock.advance(2_000);
    expect(states(b)).toEqual(['up']);
    await submitTexts(world, account, ['Hello']);
    await clock.advance(2_000);
    expect(sentBy(b)).toEqual(['Hello']);
    // It wakes up: whatever it does first, it lets go.
    await own.advance(20_000);
    expect(states(a)).toEqual(['stopped']);
    expect(sentBy(a)).toEqual([]);
    expect(await holders()).toEqual(['test 1 b']);
  });

  it('is free at once when its holder stops, and nothing of it is lost', async () => {
    const a = await serving('a');
    const b = await serving('b');
    await clock.advance(3_000);
    await stopped(a);
    expect(states(a)).toEqual(['stopped']);
    expect(await holders()).toEqual([]);
    await submitTexts(world, account, ['Hello']);
    await clock.advance(5_000);
    expect(states(b)).toEqual(['up']);
    expect(sentBy(b)).toEqual(['Hello']);
  });

  it('is let go by who has lost it', async () => {
    const a = await serving('a');
    const usurper = { nodeId: 'b' as NodeId, now: clock.now() + minute, until: 2 * clock.now() };
    await storage.write((tx) =>
      tx.linkHolders.hold([{ linkId: 'test' as LinkId, slots: 1 }], usurper),
    );
    await clock.advance(6_000);
    expect(states(a)).toEqual(['stopped']);
    expect(a.dispatcher.load()).toEqual([]);
  });
});

describe('a lease that cannot be renewed', () => {
  it('ends here before it ends for others; the link is held anew once it can be', async () => {
    const a = await serving('a');
    await clock.advance(5_000);
    database.fail(true);
    await clock.advance(10_900);
    expect(states(a)).toEqual(['up']);
    await clock.advance(3_000);
    expect(states(a)).toEqual(['stopped']);
    expect(a.dispatcher.reserve('test' as LinkId, [])).toBeUndefined();
    database.fail(false);
    await clock.advance(10_000);
    expect(states(a)).toEqual(['stopped', 'up']);
    await submitTexts(world, account, ['Hello']);
    await clock.advance(2_000);
    expect(a.links[1]?.sent).toHaveLength(1);
  });

  it('does not lose the answers of what was on its way', async () => {
    let answer: (outcome: SendOutcome) => void = () => {};
    const make = (id: string) => {
      const link = new TestLink(id);
      link.answers.push(
        new Promise((resolve) => {
          answer = resolve;
        }),
      );
      return link;
    };
    const a = await serving('a', { make });
    const [message] = await submitTexts(world, account, ['Hello']);
    await clock.advance(2_000);
    database.fail(true);
    await clock.advance(14_500);
    expect(states(a)).toEqual(['stopped']);
    answer({ kind: 'accepted', upstreamId: 'x' });
    await clock.advance(10_000);
    database.fail(false);
    await clock.advance(2_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'sent' });
  });

  it('gives back what was only claimed', async () => {
    const make = (id: string) => {
      const link = new TestLink(id, { window: 1 });
      link.answers.push(new Promise(() => {}));
      return link;
    };
    await serving('a', { make });
    const [, waiting] = await submitTexts(world, account, ['one', 'two']);
    await clock.advance(2_000);
    expect(await storedMessage(world, waiting as Message)).toMatchObject({ lockedBy: 'a' });
    database.fail(true);
    await clock.advance(20_000);
    database.fail(false);
    await clock.advance(1_000);
    expect(await storedMessage(world, waiting as Message)).toMatchObject({ lockedBy: null });
  });

  it('does not matter where one node alone may serve', async () => {
    const a = await serving('a', { storage: { ...storage, manyNodes: false } });
    database.fail(true);
    await clock.advance(10 * minute);
    expect(states(a)).toEqual(['up']);
    database.fail(false);
    await submitTexts(world, account, ['Hello']);
    await clock.advance(3_000);
    expect(sentBy(a)).toEqual(['Hello']);
  });

  it('lets nothing leave after it, whoever asks', async () => {
    const link = new TestLink('test');
    await link.start(world.gateway);
    const leased = new LeasedLink(link, clock.now() + 1, clock);
    const send = () => leased.send({ messageId: 'x', number: 1 } as unknown as OutgoingPart);
    expect((await send()).kind).toBe('accepted');
    await clock.advance(1);
    expect(leased.state()).toBe('down');
    expect(await send()).toMatchObject({ kind: 'retryable', code: 'link_unavailable' });
    expect(link.sent).toHaveLength(1);
  });
});

describe('several slots', () => {
  it('are held by as many nodes, which send beside each other', async () => {
    const [a, b, c] = [
      await serving('a', { slots: 2 }),
      await serving('b', { slots: 2 }),
      await serving('c', { slots: 2 }),
    ];
    expect([a, b, c].map((node) => states(node))).toEqual([['up'], ['up'], []]);
    await stopped(a);
    await clock.advance(5_000);
    expect(states(c)).toEqual(['up']);
    expect(await holders()).toEqual(['test 1 c', 'test 2 b']);
  });

  it('that are fewer than before are let go from above', async () => {
    const a = await serving('a', { slots: 2 });
    const b = await serving('b', { slots: 2 });
    for (const { plans } of [a, b]) (plans[0] as LinkPlan).nodes = 1;
    await clock.advance(6_000);
    expect(states(a)).toEqual(['up']);
    expect(states(b)).toEqual(['stopped']);
    expect(await holders()).toEqual(['test 1 a']);
  });
});

describe('a link that cannot be started', () => {
  it('holds up no other link, and is tried again', async () => {
    let fails = true;
    const make = (id: string) => {
      const link = new TestLink(id);
      const start = link.start.bind(link);
      if (id === 'bad') {
        link.start = (host) => (fails ? Promise.reject(new Error('no line')) : start(host));
      }
      return link;
    };
    const a = await serving('a', { links: ['bad', 'test'], make });
    await clock.settle();
    expect(a.dispatcher.load().map(({ linkId }) => linkId)).toEqual(['test']);
    expect(await holders()).toEqual(['test 1 a']);
    fails = false;
    await clock.advance(6_000);
    expect(a.dispatcher.load().map(({ linkId }) => linkId)).toEqual(['test', 'bad']);
  });
});

it('what is offered for a link that has just gone is given back', async () => {
  const link = new TestLink('test', { window: 1 });
  const a = await serving('a', { make: () => link });
  const [first] = await submitTexts(world, account, ['Hello']);
  const now = clock.now();
  // More than fits into the window: they wait for it, under a lease.
  const claim = { linkId: 'test' as LinkId, nodeId: 'a' as NodeId, now, limit: 1 };
  const claimed = await storage.write((tx) =>
    tx.messages.claim({ ...claim, leaseUntil: now + minute }),
  );
  const wider = [...claimed, first as Message];
  const room = a.dispatcher.reserve('test' as LinkId, wider);
  expect(room).toBeDefined();
  await a.dispatcher.drop('test' as LinkId, 0);
  room?.offer(claimed);
  await clock.settle();
  expect(await storedMessage(world, first as Message)).toMatchObject({
    status: 'queued',
    lockedBy: null,
    dueAt: now,
  });
});
