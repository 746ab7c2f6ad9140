import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Country, E164 } from '../../text/phone-number.ts';
import type { LinkId } from '../ids.ts';
import { Conditions } from './conditions.ts';
import type { RouteFacts, RouteRule } from './rule.ts';
import { unreachable } from './unreachable.ts';

const links = ['a' as LinkId];
const rule = (conditions: Omit<RouteRule, 'links'> = {}): RouteRule => ({ ...conditions, links });

it.each<[string, RouteRule[], [number, number][]]>([
  ['nothing', [], []],
  ['one that takes all comes last', [rule({ tags: ['otp'] }), rule()], []],
  [
    'one that takes all comes first',
    [rule(), rule({ tags: ['otp'] }), rule()],
    [
      [1, 0],
      [2, 0],
    ],
  ],
  [
    'a narrower prefix',
    [rule({ prefixes: ['+61', '+64'] }), rule({ prefixes: ['+614'] })],
    [[1, 0]],
  ],
  ['a wider prefix', [rule({ prefixes: ['+614'] }), rule({ prefixes: ['+61'] })], []],
  [
    'one of its prefixes is its own',
    [rule({ prefixes: ['+61'] }), rule({ prefixes: ['+614', '+1'] })],
    [],
  ],
  [
    'a condition more',
    [rule({ accounts: ['x', 'y'] }), rule({ accounts: ['x'], tags: ['t'] })],
    [[1, 0]],
  ],
  ['a condition less', [rule({ accounts: ['x'], tags: ['t'] }), rule({ accounts: ['x'] })], []],
  [
    'a sender in another form',
    [rule({ senders: ['ShopNow'] }), rule({ senders: ['SHOPNOW'] })],
    [[1, 0]],
  ],
  ['the same twice', [rule({ channels: ['cli'] }), rule({ channels: ['cli'] })], [[1, 0]]],
])('%s', (_, rules, found) => {
  expect(unreachable(rules).map(({ rule: at, by }) => [at, by])).toEqual(found);
});

const some = <Value extends string>(...values: Value[]) =>
  fc.option(fc.subarray(values, { minLength: 1 }), { nil: undefined });
const anyRule: fc.Arbitrary<RouteRule> = fc.record({
  accounts: some('x', 'y'),
  products: some('P', 'T'),
  channels: some('cli', 'http'),
  prefixes: some('+6', '+61', '+614', '+1'),
  countries: some('AU' as Country, 'US' as Country),
  senders: some('Shop', 'SHOP', 'other'),
  tags: some('a', 'b', 'c'),
  links: fc.constant(links),
});
const oneOf = <Value>(...values: Value[]) => fc.constantFrom(...values);
const anyFacts: fc.Arbitrary<RouteFacts> = fc.record({
  accountName: oneOf('x', 'y', 'z'),
  destination: oneOf('+61412345678', '+61298765432', '+12025550123').map((to) => to as E164),
  sender: oneOf('shop', 'other', 'third'),
  product: oneOf('P', 'T', null),
  channel: oneOf('cli', 'http'),
  tags: fc.option(fc.subarray(['a', 'b', 'c', 'd']), { nil: null }),
});

it('what is never reached is taken before, by the one that is named', () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 4 }), anyFacts, (rules, facts) => {
      const met = rules.map((one) => new Conditions(one).met(facts));
      for (const { rule: at, by } of unreachable(rules)) {
        expect(by).toBeLessThan(at);
        if (met[at]) expect(met[by]).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
