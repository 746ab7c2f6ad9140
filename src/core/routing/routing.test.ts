import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { Country, E164 } from '../../text/phone-number.ts';
import type { LinkId, MessageId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { LinkState } from '../ports/transport.ts';
import type { Routed } from './routing.ts';
import { Routing } from './routing.ts';
import type { CostList, RouteFacts, RouteRule } from './rule.ts';

const link = (name: string) => name as LinkId;
const routing = (...rules: RouteRule[]) =>
  new Routing(rules, new Map(), { clock: new FakeClock(), patienceMs: 30_000 });
const costs = (standard: number | null, prefixes: Record<string, number> = {}): CostList => ({
  standard: standard === null ? null : millicredits(standard),
  prefixes: new Map(
    Object.entries(prefixes).map(([prefix, amount]) => [prefix, millicredits(amount)]),
  ),
});

const mobile = '+61412345678' as E164;
const facts = (over: Partial<RouteFacts> = {}): RouteFacts => ({
  accountName: 'shop',
  destination: mobile,
  sender: 'ShopNow',
  product: null,
  channel: 'api',
  tags: null,
  ...over,
});

describe('the rule of a message', () => {
  it.each<[Partial<RouteRule>, Partial<RouteFacts>, boolean]>([
    [{}, {}, true],
    [{ accounts: ['shop', 'bank'] }, {}, true],
    [{ accounts: ['Shop'] }, {}, false],
    [{ accounts: ['shop'] }, { accountName: null }, false],
    [{ prefixes: ['+1', '+614'] }, {}, true],
    [{ prefixes: ['+6141234567899'] }, {}, false],
    [{ prefixes: ['+615'] }, {}, false],
    [{ countries: ['AU' as Country] }, {}, true],
    [{ countries: ['AU' as Country] }, { country: 'NZ' as Country }, false],
    [{ countries: ['CA' as Country] }, { destination: '+16135550123' as E164 }, true],
    [{ countries: ['US' as Country] }, { destination: '+16135550123' as E164 }, false],
    [{ countries: ['AU' as Country] }, { destination: '+8821234567' as E164 }, false],
    [{ senders: ['SHOPNOW'] }, {}, true],
    [{ senders: ['+61400000000'] }, { sender: '61400000000' }, true],
    [{ senders: ['Shop'] }, {}, false],
    [{ senders: ['Shop'] }, { sender: null }, false],
    [{ products: ['MKT'] }, { product: 'MKT' }, true],
    [{ products: ['MKT'] }, { product: 'mkt' }, false],
    [{ products: ['MKT'] }, {}, false],
    [{ channels: ['api'] }, {}, true],
    [{ channels: ['cli'] }, {}, false],
    [{ tags: ['otp', 'alarm'] }, { tags: ['red', 'alarm'] }, true],
    [{ tags: ['otp'] }, { tags: [] }, false],
    [{ tags: ['otp'] }, {}, false],
    [{ accounts: ['shop'], tags: ['otp'] }, {}, false],
    [{ accounts: ['shop'], tags: ['otp'] }, { tags: ['otp'] }, true],
  ])('%j takes %j: %s', (rule, message, takes) => {
    const made = routing({ links: [link('a')], ...rule });
    expect(made.routeFor(facts(message)) !== undefined).toBe(takes);
  });

  it('is the first that fits', () => {
    const made = routing(
      { tags: ['otp'], links: [link('a')] },
      { prefixes: ['+61'], links: [link('b')] },
      { links: [link('c')] },
    );
    const numberOf = (over: Partial<RouteFacts>) => made.routeFor(facts(over))?.number;
    expect(numberOf({ tags: ['otp'] })).toBe(1);
    expect(numberOf({})).toBe(2);
    expect(numberOf({ destination: '+6421345678' as E164 })).toBe(3);
    expect(routing().routeFor(facts())).toBeUndefined();
  });

  it('says which of its conditions are not met', () => {
    const [route] = routing({
      accounts: ['bank'],
      prefixes: ['+61'],
      tags: ['otp'],
      links: [link('a')],
    }).routes;
    expect(route?.conditions.unmet(facts())).toEqual(['accounts', 'tags']);
  });
});

describe('what a message costs', () => {
  const list = costs(90, { '+61': 30, '+614': 20, '+61412': 10 });
  it.each<[string, CostList | undefined, CostList | undefined, string, number | null]>([
    ['nobody said', undefined, undefined, '+61412345678', null],
    ['one cost for all', costs(25), undefined, '+61412345678', 25],
    ['the longest prefix', list, undefined, '+61412345678', 10],
    ['a shorter one', list, undefined, '+61498765432', 20],
    ['the shortest', list, undefined, '+61298765432', 30],
    ['none', list, undefined, '+6421345678', 90],
    ['none, and no other cost', costs(null, { '+61': 1 }), undefined, '+6421345678', null],
    ['free', costs(0), undefined, '+61412345678', 0],
    ['the link has its own', list, costs(7), '+61412345678', 7],
    ['its own says nothing of it', list, costs(null, { '+1': 7 }), '+61412345678', 10],
  ])('%s', (_, ofRoute, ofLink, destination, cost) => {
    const [route] = routing({ links: [{ link: link('a'), cost: ofLink }], cost: ofRoute }).routes;
    const [target] = route?.targets ?? [];
    if (!route || !target) throw new Error('no route');
    expect(route.cost(target, destination as E164, 1)).toBe(cost);
    expect(route.cost(target, destination as E164, 3)).toBe(cost === null ? null : 3 * cost);
  });
});

/** Routes over the links a, b, c, whose states are as the test says; unnamed ones are up. */
function withStates(states: Record<string, LinkState>, links = 'a b c') {
  const made = routing({
    links: links.split(' ').map(link),
    cost: costs(10),
  });
  made.health.attend((id) => states[id] ?? 'up');
  return made;
}

const message = (over: Partial<Routed> = {}): Routed => ({
  id: '019a2b3c-0000-7000-8000-000000000001' as MessageId,
  destination: mobile,
  sender: 'ShopNow',
  product: null,
  medium: 'sms',
  simulate: null,
  device: null,
  channel: 'api',
  tags: null,
  parts: 2,
  linkId: link('a'),
  attempts: 1,
  ...over,
});

describe('the link of a new message', () => {
  it.each<[Record<string, LinkState>, string]>([
    [{}, 'a'],
    [{ a: 'down' }, 'b'],
    [{ a: 'stopped', b: 'down' }, 'c'],
    [{ a: 'down', b: 'down', c: 'down' }, 'a'],
    // At a start all of them are.
    [{ a: 'starting', b: 'starting', c: 'starting' }, 'a'],
    [{ a: 'starting' }, 'a'],
  ])('of %j is %s', (states, first) => {
    const made = withStates(states);
    const route = made.routeFor(facts());
    if (!route) throw new Error('no route');
    expect(made.first(route, message().id).link).toBe(first);
  });
});

describe('after a link that would not take it, a message goes', () => {
  // Where it is, hand-overs begun, which links are down; where it goes, and whether at once.
  it.each<[string, number, string, string | undefined, boolean]>([
    ['a', 1, '', 'b', true],
    ['b', 2, '', 'c', true],
    ['c', 3, '', 'a', false],
    ['a', 4, '', 'b', true],
    // Twice here before it went elsewhere.
    ['a', 3, '', 'b', true],
    ['c', 5, '', 'a', false],
    // The link goes down while it says so.
    ['a', 1, 'a', 'b', true],
    ['a', 3, 'a', 'b', true],
    ['c', 3, 'c', 'a', false],
    // Others are down: they are passed over.
    ['a', 1, 'b', 'c', true],
    ['a', 1, 'bc', 'a', false],
    ['a', 1, 'abc', undefined, false],
    ['c', 2, 'b', 'a', false],
    // It began further down, and what stands before it is up by now.
    ['b', 1, 'c', 'a', true],
    ['c', 1, '', 'a', true],
    ['c', 1, 'ab', 'c', false],
    // What it was on is in the route no more.
    ['gone', 1, '', 'a', true],
    ['gone', 9, 'a', 'b', true],
  ])('from %s, after %d, with %s down: to %s', (from, attempts, down, to, atOnce) => {
    const states = Object.fromEntries([...down].map((name) => [name, 'down' as const]));
    const made = withStates(states);
    const next = made.after(message({ linkId: link(from), attempts }), 'shop');
    expect(next).toEqual(to && { linkId: to, cost: 20, atOnce });
  });

  it('nowhere when nobody knows whose it is, or no rule takes it any more', () => {
    expect(withStates({}).after(message(), undefined)).toBeUndefined();
    expect(routing().after(message(), 'shop')).toBeUndefined();
  });

  it('back to the only link there is, after a pause', () => {
    const next = withStates({}, 'a').after(message(), 'shop');
    expect(next).toEqual({ linkId: 'a', cost: 20, atOnce: false });
  });
});

describe('around a link that is down', () => {
  it.each<[string, string, string | undefined]>([
    ['a', 'a', 'b'],
    ['b', 'b', 'a'],
    ['a', 'ab', 'c'],
    ['a', 'abc', undefined],
    ['a', '', undefined],
  ])('from %s, with %s down: %s', (from, down, to) => {
    const made = withStates(Object.fromEntries([...down].map((name) => [name, 'down' as const])));
    expect(made.around(message({ linkId: link(from) }), 'shop')?.linkId).toBe(to);
    expect(made.hasWayAround(link(from))).toBe(down !== 'abc');
  });

  it('there is none where nothing else is in a route with it', () => {
    const made = routing(
      { accounts: ['x'], links: [link('a')] },
      { links: [link('b'), link('c')] },
    );
    made.health.attend(() => 'up');
    expect(made.hasWayAround(link('a'))).toBe(false);
    expect(made.hasWayAround(link('b'))).toBe(true);
  });
});
