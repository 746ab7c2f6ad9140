import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { randomIds, seededIds } from '../../../test/support/seeded-ids.ts';
import type { LinkId, MessageId } from '../ids.ts';
import { Route } from './route.ts';
import type { RouteRule } from './rule.ts';

const link = (name: string) => name as LinkId;
/** `a:3 b:1 c`: two that share, and one that stands for itself. */
const routeOf = (links: string): Route => new Route({ links: linksOf(links) }, 1);

function linksOf(links: string): RouteRule['links'] {
  return links.split(' ').map((one) => {
    const [name = '', weight] = one.split(':');
    return weight === undefined ? link(name) : { link: link(name), weight: Number(weight) };
  });
}

const orderOf = (route: Route, id: MessageId): string =>
  route
    .order(id)
    .map((target) => target.link)
    .join(' ');

const anId = fc.uuid({ version: 7 }).map((id) => id as MessageId);
const someWeights = fc
  .array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 6 })
  .map((weights) => weights.map((weight, at) => `link-${at}:${weight}`));

describe('the order of the links for a message', () => {
  it.each(['a', 'a b c', 'a:1 b c:1 d'])(
    'is that of the owner where nobody shares: %s',
    (links) => {
      const [id] = [randomIds().next<MessageId>()];
      expect(orderOf(routeOf(links), id)).toBe(links.replaceAll(/:\d+/g, ''));
    },
  );

  it('is the same every time, whatever stands around it', () => {
    fc.assert(
      fc.property(anId, someWeights, (id, links) => {
        const alone = orderOf(routeOf(links.join(' ')), id);
        expect(orderOf(routeOf(links.join(' ')), id)).toBe(alone);
        // However the owner writes them: the lot is the link's.
        expect(orderOf(routeOf(links.toReversed().join(' ')), id)).toBe(alone);
        expect(orderOf(routeOf(`first ${links.join(' ')} last`), id)).toBe(`first ${alone} last`);
      }),
    );
  });

  it('has every link once', () => {
    fc.assert(
      fc.property(anId, someWeights, (id, links) => {
        expect(
          orderOf(routeOf(links.join(' ')), id)
            .split(' ')
            .toSorted(),
        ).toEqual(links.map((one) => one.replace(/:.*/, '')).toSorted());
      }),
    );
  });

  it('of the others does not change when one is taken away', () => {
    fc.assert(
      fc.property(anId, someWeights, fc.nat(), (id, links, nth) => {
        fc.pre(links.length > 1);
        const gone = links[nth % links.length] as string;
        const rest = links.filter((one) => one !== gone);
        const name = gone.replace(/:.*/, '');
        expect(orderOf(routeOf(rest.join(' ')), id).split(' ')).toEqual(
          orderOf(routeOf(links.join(' ')), id)
            .split(' ')
            .filter((one) => one !== name),
        );
      }),
    );
  });
});

describe('shares', () => {
  /** Ids as they are made, with chance in them, and as most tests make them, counted up. */
  const sources = [
    ['random ids', randomIds()],
    ['counted ids', seededIds(new FakeClock())],
  ] as const;
  const count = 40_000;

  it.each(
    sources.flatMap(([name, ids]) =>
      ['a:3 b:1', 'a:1 b:1', 'a:1000 b:1 c:999', 'a:1 b:2 c:3 d:4', 'a:5 b:95 c'].map(
        (links) => [links, name, ids] as const,
      ),
    ),
  )('%s, of %s', (links, _name, ids) => {
    const route = routeOf(links);
    const first = new Map<string, number>();
    for (let at = 0; at < count; at++) {
      const [best] = route.order(ids.next<MessageId>());
      const name = best?.link ?? '';
      first.set(name, (first.get(name) ?? 0) + 1);
    }
    for (const [name, share] of route.shares()) {
      // Five times the deviation that chance has: once in two million, it fails for nothing.
      const margin = 5 * Math.sqrt(count * share * (1 - share));
      expect(Math.abs((first.get(name) ?? 0) - count * share)).toBeLessThanOrEqual(margin);
    }
  });

  it('of a link that is passed over fall to the others by their weights', () => {
    const route = routeOf('a:2 b:3 c:1');
    const ids = randomIds();
    const second = { b: 0, c: 0 };
    let passed = 0;
    while (passed < count) {
      const [best, next] = route.order(ids.next<MessageId>());
      if (best?.link !== link('a')) continue;
      passed += 1;
      second[next?.link as 'b' | 'c'] += 1;
    }
    expect(Math.abs(second.b / count - 0.75)).toBeLessThan(0.012);
    expect(second.b + second.c).toBe(count);
  });
});
