import { expect, it } from 'vitest';
import { Turnstile } from './turnstile.ts';

const turn = () =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

it('lets so many begin in one turn, in their order, and the next when one has ended', async () => {
  const turnstile = new Turnstile(2);
  const begun: number[] = [];
  const tasks = [0, 1, 2, 3, 4].map((nth) =>
    turnstile.pass(async () => {
      begun.push(nth);
      if (nth === 1) throw new Error('one that fails');
      return nth;
    }),
  );
  const outcomes = Promise.allSettled(tasks);
  expect(begun).toEqual([0, 1]);
  let most = 0;
  while (begun.length < 5) {
    const before = begun.length;
    await turn();
    most = Math.max(most, begun.length - before);
  }
  expect(most).toBe(2);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
  expect(await turnstile.pass(async () => 5)).toBe(5);
});
