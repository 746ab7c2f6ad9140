import { expect, it } from 'vitest';
import { Allowance } from './allowance.ts';

it('gives so many a window, to each key', () => {
  const allowance = new Allowance({ most: 2, windowMs: 1000, keys: 10 });
  expect([0, 100, 200, 999].map((now) => allowance.take('a', now))).toEqual([0, 0, 800, 1]);
  expect(allowance.take('b', 999)).toBe(0);
  expect(allowance.take('a', 1000)).toBe(0);
});

it('forgets the oldest key when there are too many', () => {
  const allowance = new Allowance({ most: 1, windowMs: 1000, keys: 2 });
  for (const key of ['a', 'b', 'c']) expect(allowance.take(key, 0)).toBe(0);
  expect(allowance.take('c', 0)).toBe(1000);
  expect(allowance.take('a', 0)).toBe(0);
});
