import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Message } from '../core/messages/message.ts';
import type { Storage } from '../core/ports/storage.ts';
import { Fixtures } from '../storage/testkit/fixtures.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { memoryLog } from '../../test/support/memory-log.ts';
import { shakyStorage } from '../../test/support/storage.ts';
import { Registry } from './registry.ts';

let database: Awaited<ReturnType<typeof shakyStorage>>;
/** As on an engine that many nodes serve, whichever it is. */
let storage: Storage;
let clock: FakeClock;
const log = memoryLog();
beforeEach(async () => {
  database = await shakyStorage();
  storage = { ...database.storage, manyNodes: true };
  clock = new FakeClock();
});
afterEach(() => database.end());

const minute = 60_000;
const [nodeA, nodeB, nodeC] = ['node-a', 'node-b', 'node-c'] as [NodeId, NodeId, NodeId];

function nodeOf(
  id: NodeId,
  over: { storage?: Storage; clock?: FakeClock; home?: string } = {},
): Registry {
  const given = {
    storage: over.storage ?? storage,
    clock: over.clock ?? clock,
    log: log.logger,
  };
  const home = over.home ?? `the folder of ${id}`;
  return new Registry({ id, home, name: `host/${id}`, roles: ['api'], version: '1.2.3' }, given);
}

async function serving(id: NodeId, over: Parameters<typeof nodeOf>[1] = {}): Promise<Registry> {
  const node = nodeOf(id, over);
  await node.join();
  node.start();
  return node;
}

const names = async () => (await storage.read.nodes.list()).map(({ id }) => id);

/** A process that has stopped without a word: its time stands still. */
const dead = (id: NodeId) => serving(id, { clock: new FakeClock(clock.now()) });

async function insertHeldBy(...holders: NodeId[]): Promise<Message[]> {
  const rows = new Fixtures();
  const dueAt = clock.now() + 30 * minute;
  const messages = holders.flatMap((lockedBy) => [
    rows.message({ lockedBy, dueAt }),
    rows.message({ lockedBy, dueAt, status: 'sending' }),
  ]);
  await storage.write(async (tx) => {
    await tx.messages.insert(messages);
    await tx.notifications.insert(
      holders.map((lockedBy) => rows.notification({ lockedBy, dueAt })),
    );
  });
  return messages;
}

/** By message: whether it waits for the one who holds it, or may be taken. */
async function fateOf(messages: readonly Message[]): Promise<string[]> {
  const now = clock.now();
  const rows = await Promise.all(messages.map(({ id }) => storage.read.messages.findAny(id)));
  return rows.map((row) => {
    const { lockedBy, dueAt } = row as Message;
    return lockedBy === null && dueAt <= now ? 'free' : `held by ${lockedBy}`;
  });
}

describe('a node', () => {
  it('is written down before it serves, shows itself every 5 s, and goes when it stops', async () => {
    const node = nodeOf(nodeA);
    const started = clock.now();
    await node.join();
    const row = {
      id: nodeA,
      name: 'host/node-a',
      roles: ['api'],
      version: '1.2.3',
      home: 'the folder of node-a',
    };
    const [first] = await storage.read.nodes.list();
    expect(first).toEqual({ ...row, startedAt: started, seenAt: started });
    node.start();
    await clock.advance(14_000);
    const [later] = await storage.read.nodes.list();
    expect(later).toMatchObject({ startedAt: started, seenAt: started + 10_000 });
    await node.stop();
    expect(await names()).toEqual([]);
    await clock.advance(minute);
    expect(await names()).toEqual([]);
  });

  it('that was not seen for 20 s is buried, and what it held is due now', async () => {
    await dead(nodeA);
    const messages = await insertHeldBy(nodeA, nodeB, nodeC);
    const watcher = await serving(nodeB);
    const witness = await serving(nodeC);
    await clock.advance(19_000);
    expect(await names()).toEqual([nodeA, nodeB, nodeC]);
    await clock.advance(2_000);
    expect(await names()).toEqual([nodeB, nodeC]);
    const others = [nodeB, nodeB, nodeC, nodeC].map((id) => `held by ${id}`);
    expect(await fateOf(messages)).toEqual(['free', 'free', ...others]);
    const lease = { now: clock.now(), leaseUntil: clock.now() + minute, limit: 9, except: [] };
    const claim = () => storage.write((tx) => tx.notifications.claim({ ...lease, nodeId: nodeB }));
    expect(await claim()).toHaveLength(1);
    await Promise.all([watcher.stop(), witness.stop()]);
  });

  it('that was buried leaves no slot of a link behind, unless somebody renews it', async () => {
    await dead(nodeA);
    const hold = (linkId: string, forMs: number) =>
      storage.write((tx) =>
        tx.linkHolders.hold([{ linkId: linkId as LinkId, slots: 1 }], {
          nodeId: nodeA,
          now: clock.now(),
          until: clock.now() + forMs,
        }),
      );
    await hold('left', 15_000);
    await hold('renewed', minute);
    const watcher = await serving(nodeB);
    await clock.advance(21_000);
    const slots = await storage.read.linkHolders.list();
    expect(slots.map(({ linkId }) => linkId)).toEqual(['renewed']);
    await watcher.stop();
  });

  it('that was only slow is there again with its next heartbeat', async () => {
    const own = new FakeClock(clock.now());
    const slow = await serving(nodeA, { clock: own });
    const watcher = await serving(nodeB);
    await clock.advance(25_000);
    expect(await names()).toEqual([nodeB]);
    await own.advance(5_000);
    expect(await names()).toContain(nodeA);
    await Promise.all([slow.stop(), watcher.stop()]);
  });

  it('lives, however wrong its clock is', async () => {
    const own = new FakeClock(clock.now() - 3_600_000);
    const late = await serving(nodeA, { clock: own });
    const watcher = await serving(nodeB);
    for (let second = 0; second < 60; second++) {
      await clock.advance(1_000);
      await own.advance(1_000);
    }
    expect((await names()).toSorted()).toEqual([nodeA, nodeB]);
    await Promise.all([late.stop(), watcher.stop()]);
  });
});

describe('after an outage of the database', () => {
  it('nobody is buried by whoever is back first, before the whole time has passed again', async () => {
    const own = new FakeClock(clock.now());
    const other = await serving(nodeA, { clock: own });
    const messages = await insertHeldBy(nodeA);
    const watcher = await serving(nodeB);
    await clock.advance(4_000);
    database.fail(true);
    await clock.advance(10 * minute);
    database.fail(false);
    // The other one needs longer to find the database again.
    await clock.advance(19_000);
    expect((await names()).toSorted()).toEqual([nodeA, nodeB]);
    await own.advance(5_000);
    await clock.advance(18_000);
    expect((await names()).toSorted()).toEqual([nodeA, nodeB]);
    expect(await fateOf(messages)).toEqual(['held by node-a', 'held by node-a']);
    // Whoever does not come back at all is dead.
    await clock.advance(15_000);
    expect(await names()).toEqual([nodeB]);
    expect(await fateOf(messages)).toEqual(['free', 'free']);
    await Promise.all([other.stop(), watcher.stop()]);
  });

  it('a single heartbeat that failed is a gap', async () => {
    await dead(nodeA);
    const watcher = await serving(nodeB);
    await clock.advance(16_000);
    database.fail(true);
    await clock.advance(5_000);
    database.fail(false);
    await clock.advance(20_000);
    expect((await names()).toSorted()).toEqual([nodeA, nodeB]);
    await clock.advance(6_000);
    expect(await names()).toEqual([nodeB]);
    await watcher.stop();
  });

  it('time that this process slept through is a gap, too', async () => {
    await dead(nodeA);
    let slept = 0;
    const own = Object.assign(Object.create(clock) as FakeClock, {
      now: () => clock.now() + slept,
      after: clock.after.bind(clock),
    });
    const watcher = await serving(nodeB, { clock: own });
    await clock.advance(7_000);
    slept = 3_600_000;
    await clock.advance(19_000);
    expect((await names()).toSorted()).toEqual([nodeA, nodeB]);
    await clock.advance(6_000);
    expect(await names()).toEqual([nodeB]);
    await watcher.stop();
  });
});

describe('where one node alone may serve', () => {
  it('all others are dead at its start, also those that nobody knows', async () => {
    await dead(nodeA);
    const messages = await insertHeldBy(nodeA, 'before there was a registry' as NodeId, nodeB);
    const wish = [{ linkId: 'carrier' as LinkId, slots: 1 }];
    const now = clock.now();
    const lease = { nodeId: nodeA, now, until: now + minute };
    await storage.write((tx) => tx.linkHolders.hold(wish, lease));
    const alone = await serving(nodeB, { storage: { ...storage, manyNodes: false } });
    expect(await names()).toEqual([nodeB]);
    const own = ['held by node-b', 'held by node-b'];
    expect(await fateOf(messages)).toEqual(['free', 'free', 'free', 'free', ...own]);
    expect(await storage.read.linkHolders.list()).toEqual([]);
    await clock.advance(minute);
    expect(await names()).toEqual([nodeB]);
    await alone.stop();
  });
});

describe('a node that comes back', () => {
  it('takes over at once what its own earlier run had held, and nobody else’s', async () => {
    await serving(nodeA, { home: 'the same folder' });
    await serving(nodeB);
    const messages = await insertHeldBy(nodeA, nodeB);
    await serving(nodeC, { home: 'the same folder' });
    expect((await names()).toSorted()).toEqual([nodeB, nodeC]);
    const held = await Promise.all(messages.map(({ id }) => storage.read.messages.findAny(id)));
    expect(held.map((message) => message?.lockedBy)).toEqual([null, null, nodeB, nodeB]);
  });
});
