import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { memoryLog } from '../../test/support/memory-log.ts';
import type { TestStorage } from '../../test/support/storage.ts';
import { openTestStorage } from '../../test/support/storage.ts';
import { submitTexts } from '../../test/support/submit.ts';
import { TestLink } from '../../test/support/test-link.ts';
import { useWorlds } from '../../test/support/worlds.ts';
import type { LinkId, NodeId } from '../core/ids.ts';
import type { Storage } from '../core/ports/storage.ts';
import type { LinkState } from '../core/ports/transport.ts';
import { LinkHealth } from '../core/routing/link-health.ts';
import { LinkWatch } from './link-watch.ts';

const { setUp } = useWorlds(100_000);

const minute = 60_000;
const a = 'a' as LinkId;
const b = 'b' as LinkId;
const limits = { failures: 0.5, receipts: 20, windowMs: 15 * minute, restMs: 5 * minute };

describe('what nodes tell each other of links', () => {
  let opened: TestStorage;
  let clock: FakeClock;
  const log = memoryLog();
  const stops: (() => Promise<void>)[] = [];
  beforeEach(async () => {
    opened = await openTestStorage();
    clock = new FakeClock();
  });
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
    await opened.end();
  });

  /** A node that holds these links, in these states. */
  async function nodeWith(name: string, states: Partial<Record<string, LinkState>>) {
    const nodeId = name as NodeId;
    const announced: string[] = [];
    const storage: Storage = {
      ...opened.storage,
      manyNodes: true,
      announce: (topic) => {
        announced.push(topic);
      },
    };
    const health = new LinkHealth(
      [
        [a, limits],
        [b, limits],
      ],
      { clock, patienceMs: 30_000 },
    );
    health.attend((id) => states[id]);
    const wishes = Object.keys(states).map((id) => ({ linkId: id as LinkId, slots: 1 }));
    const now = clock.now();
    await storage.write((tx) =>
      tx.linkHolders.hold(wishes, { nodeId, now, until: now + 60 * minute }),
    );
    const watch = new LinkWatch({ health, storage, clock, nodeId, log: log.logger });
    watch.start();
    stops.push(() => watch.stop());
    return { health, states, announced };
  }

  it('a state, within two looks', async () => {
    const holder = await nodeWith('holder', { [a]: 'up', [b]: 'down' });
    const other = await nodeWith('other', {});
    await clock.advance(2_000);
    expect([other.health.isDown(a), other.health.isDown(b)]).toEqual([false, true]);
    holder.states[a] = 'down';
    holder.states[b] = 'up';
    await clock.advance(2_000);
    expect([other.health.isDown(a), other.health.isDown(b)]).toEqual([true, false]);
    const [row] = await opened.storage.read.linkHolders.list();
    expect(row).toMatchObject({ linkId: a, nodeId: 'holder', state: 'down' });
    // Said when it changed, not with each look.
    expect(holder.announced).toEqual(['links', 'links']);
    await clock.advance(20_000);
    expect(holder.announced).toHaveLength(2);
  });

  it('that receipts have turned bad, and when they are good again', async () => {
    const holder = await nodeWith('holder', { [a]: 'up' });
    const other = await nodeWith('other', {});
    for (let one = 0; one < 20; one++) holder.health.receipt(a, 'expired');
    const since = clock.now();
    await clock.advance(2_000);
    expect(other.health.demotedSince(a)).toBe(since);
    const [row] = await opened.storage.read.linkHolders.list();
    expect(row).toMatchObject({ demotedSince: since, receipts: 20, failures: 20 });
    await clock.advance(5 * minute);
    // Prolonged: not worth a second line.
    for (let one = 0; one < 10; one++) holder.health.receipt(a, 'failed');
    await clock.advance(2_000);
    expect(other.health.demotedSince(a)).toBeGreaterThan(since);
    await clock.advance(5 * minute);
    for (let one = 0; one < 10; one++) holder.health.receipt(a, 'delivered');
    await clock.advance(2_000);
    expect(other.health.demotedSince(a)).toBeNull();
    const said = log.lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said).toEqual([
      'the receipts of a link have turned bad: it goes behind the others of its routes',
      'a link is no longer behind the others of its routes',
    ]);
  });
});

describe('a link whose receipts turn bad', () => {
  it('is left to the others, is tried by a few, and comes back', async () => {
    const [first, second] = [new TestLink('first'), new TestLink('second')];
    const { world, account } = await setUp({
      links: [first, second],
      policies: new Map([['first', { onLostAnswer: 'unknown', demote: limits }]]),
    });
    const send = async (count: number): Promise<[first: number, second: number]> => {
      const before = [first.sent.length, second.sent.length] as const;
      await submitTexts(world, account, Array(count).fill('Hello'));
      await world.clock.advance(1_000);
      return [first.sent.length - before[0], second.sent.length - before[1]];
    };
    expect(await send(30)).toEqual([30, 0]);
    for (const part of first.sent) await first.receipt('failed', { part, at: world.clock.now() });
    expect(await send(200)).toEqual([0, 200]);
    expect(await world.metrics.render()).toMatch(/parlance_messages_total\{status="failed"\} 30/);

    await world.clock.advance(5 * minute);
    const [probes, others] = await send(600);
    expect(probes).toBeGreaterThan(9);
    expect(probes).toBeLessThan(80);
    expect(others).toBe(600 - probes);
    for (const part of first.sent.slice(-10)) {
      await first.receipt('delivered', { part, at: world.clock.now() });
    }
    expect(await send(50)).toEqual([50, 0]);
  });

  it('and has no other beside it, keeps its messages', async () => {
    const { world, account } = await setUp({
      policies: new Map([['test', { onLostAnswer: 'unknown', demote: limits }]]),
    });
    await submitTexts(world, account, Array(30).fill('Hello'));
    await world.clock.advance(1_000);
    for (const part of world.link.sent) {
      await world.link.receipt('failed', { part, at: world.clock.now() });
    }
    const { health } = world.gateway.delivery.routing;
    expect(health.reports()).toMatchObject([
      { linkId: 'test', demotedSince: null, receipts: null },
    ]);
  });
});
