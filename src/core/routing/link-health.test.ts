import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { randomIds } from '../../../test/support/seeded-ids.ts';
import type { LinkId, MessageId, NodeId } from '../ids.ts';
import type { LinkHolding } from '../ports/storage.ts';
import type { LinkState } from '../ports/transport.ts';
import { LinkHealth, ranks } from './link-health.ts';

const a = 'a' as LinkId;
const b = 'b' as LinkId;
const minute = 60_000;
const limits = { failures: 0.5, receipts: 20, windowMs: 15 * minute, restMs: 5 * minute };
const ids = randomIds();

let clock: FakeClock;
let health: LinkHealth;
let own: Partial<Record<string, LinkState>>;
beforeEach(() => {
  clock = new FakeClock();
  own = {};
  health = new LinkHealth(
    [
      [a, limits],
      [b, undefined],
    ],
    { clock, patienceMs: 30_000 },
  );
  health.attend((id) => own[id]);
});

const holding = (over: Partial<LinkHolding> = {}): LinkHolding => ({
  linkId: a,
  slot: 1,
  nodeId: 'other' as NodeId,
  until: clock.now() + 15_000,
  state: 'up',
  since: clock.now(),
  demotedSince: null,
  receipts: null,
  failures: null,
  ...over,
});
const hear = (...holdings: LinkHolding[]) => health.hear(holdings, 'self');

describe('a link is down', () => {
  it.each<[LinkState | undefined, (LinkState | null)[], boolean]>([
    ['up', [], false],
    ['down', [], true],
    ['stopped', [], true],
    ['starting', [], false],
    [undefined, [], false],
    [undefined, ['up'], false],
    [undefined, ['down'], true],
    [undefined, ['stopped'], true],
    [undefined, ['starting'], false],
    // A node of the release before says nothing.
    [undefined, [null], false],
    [undefined, ['down', 'up'], false],
    [undefined, ['down', 'starting'], true],
    ['down', ['up'], false],
    ['up', ['down'], false],
  ])('here %s, elsewhere %j: %s', (here, elsewhere, down) => {
    if (here) own[a] = here;
    hear(...elsewhere.map((state, at) => holding({ state, slot: at + 1 })));
    expect(health.isDown(a)).toBe(down);
  });

  it('when nobody has held it for a while, or it is still starting', async () => {
    own[b] = 'starting';
    health.look();
    await clock.advance(29_999);
    expect([health.isDown(a), health.isDown(b)]).toEqual([false, false]);
    await clock.advance(1);
    expect([health.isDown(a), health.isDown(b)]).toEqual([true, true]);
    own[a] = 'up';
    expect(health.isDown(a)).toBe(false);
  });

  it('by what others say as long as their lease runs', async () => {
    hear(holding({ state: 'down' }));
    expect(health.isDown(a)).toBe(true);
    await clock.advance(15_000);
    expect(health.isDown(a)).toBe(false);
    hear(holding({ nodeId: 'self' as NodeId, state: 'down' }));
    expect(health.isDown(a)).toBe(false);
  });

  it('when the configuration does not know it', () => {
    expect(health.isDown('gone' as LinkId)).toBe(true);
  });
});

describe('a link is away too long', () => {
  const lookFor = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      health.look();
      await clock.advance(1_000);
    }
  };

  it('after the patience, and only while it is', async () => {
    own[a] = 'down';
    own[b] = 'up';
    await lookFor(30);
    expect(health.longAway()).toEqual([a]);
    own[a] = 'up';
    expect(health.longAway()).toEqual([]);
    await lookFor(1);
    own[a] = 'down';
    expect(health.longAway()).toEqual([]);
    await lookFor(29);
    expect(health.longAway()).toEqual([]);
  });

  it('not while another node has it up', async () => {
    own[a] = 'down';
    own[b] = 'up';
    for (let round = 0; round < 8; round++) {
      hear(holding());
      await lookFor(5);
    }
    expect(health.longAway()).toEqual([]);
  });
});

describe('a demoted link', () => {
  const tell = (count: number, status: 'failed' | 'delivered') => {
    for (let one = 0; one < count; one++) health.receipt(a, status);
  };
  /** Of many messages those that would take it. */
  const taking = () => {
    let good = 0;
    for (let one = 0; one < 4_000; one++) {
      if (health.rank(a, ids.next<MessageId>()) === ranks.good) good += 1;
    }
    return good / 4_000;
  };

  it('stands behind those that are well and before those that are down', () => {
    own[a] = 'up';
    tell(20, 'failed');
    expect(health.rank(a, ids.next())).toBe(ranks.demoted);
    own[a] = 'down';
    expect(health.rank(a, ids.next())).toBe(ranks.down);
  });

  it('is tried by one message in twenty, once it has rested', async () => {
    own[a] = 'up';
    expect(taking()).toBe(1);
    tell(20, 'failed');
    expect(taking()).toBe(0);
    await clock.advance(5 * minute);
    health.look();
    expect(Math.abs(taking() - 0.05)).toBeLessThan(0.02);
    tell(10, 'delivered');
    expect(taking()).toBe(1);
  });

  it('is so for other nodes, too, which try it at the same time', async () => {
    const told = () => hear(holding({ demotedSince: clock.now() - 5 * minute + 1 }));
    told();
    expect(taking()).toBe(0);
    await clock.advance(1);
    expect(Math.abs(taking() - 0.05)).toBeLessThan(0.02);
    await clock.advance(15_000);
    expect(health.demotedSince(a)).toBeNull();
  });

  it('is none that has no limits', () => {
    own[b] = 'up';
    for (let one = 0; one < 500; one++) health.receipt(b, 'failed');
    health.receipt('gone' as LinkId, 'failed');
    expect(health.rank(b, ids.next())).toBe(ranks.good);
  });
});

it('reports what it holds', async () => {
  own[a] = 'starting';
  health.look();
  await clock.advance(1_000);
  own[a] = 'up';
  health.receipt(a, 'expired');
  health.receipt(a, 'delivered');
  health.look();
  expect(health.reports()).toEqual([
    { linkId: a, state: 'up', since: clock.now(), demotedSince: null, receipts: 2, failures: 1 },
  ]);
  own = { b: 'down' };
  health.look();
  expect(health.reports()).toEqual([
    {
      linkId: b,
      state: 'down',
      since: clock.now(),
      demotedSince: null,
      receipts: null,
      failures: null,
    },
  ]);
});
