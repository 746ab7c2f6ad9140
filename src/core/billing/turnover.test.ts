import { expect, it } from 'vitest';
import type { AccountId, LinkId } from '../ids.ts';
import type { Turnover } from '../ports/storage.ts';
import { turnoverOf } from './turnover.ts';

const hour = 3_600_000;

const one = (over: Partial<Turnover>): Turnover => ({
  accountId: 'shop' as AccountId,
  linkId: 'a' as LinkId,
  messages: 1,
  parts: 2,
  price: 1_000,
  refunded: 10,
  cost: 100,
  costUnknown: 3,
  ...over,
});

it('reads an hour at a time, to the end of the span, and adds up by account and link', async () => {
  const spans: [number, number][] = [];
  const sums = await turnoverOf(
    {
      turnover: async ({ from, until }) => {
        spans.push([from, until]);
        return [one({}), one({ linkId: `b${spans.length % 2}` as LinkId })];
      },
    },
    { from: 5, until: 2.5 * hour },
  );
  expect(spans).toEqual([
    [5, 5 + hour],
    [5 + hour, 5 + 2 * hour],
    [5 + 2 * hour, 2.5 * hour],
  ]);
  const times = (count: number, linkId: string) =>
    one({
      linkId: linkId as LinkId,
      messages: count,
      parts: 2 * count,
      price: 1_000 * count,
      refunded: 10 * count,
      cost: 100 * count,
      costUnknown: 3 * count,
    });
  expect(sums).toEqual([times(3, 'a'), times(2, 'b1'), times(1, 'b0')]);
});
