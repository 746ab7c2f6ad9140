import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Slices } from './slices.ts';

/** Works of six milliseconds each, by a clock that only they move. */
function stage(sliceMs: number) {
  let now = 0;
  const done: number[] = [];
  const slices = new Slices(sliceMs, () => now);
  const work = (which: number) => () => {
    now += 6;
    done.push(which);
    return which;
  };
  return { slices, done, work };
}

it('does as much in a turn of the event loop as its slice is long', async () => {
  const { slices, done, work } = stage(10);
  const all = [1, 2, 3, 4, 5].map((which) => slices.run(work(which)));
  expect(done).toEqual([]);
  await nextTurn();
  expect(done).toEqual([1, 2]);
  const late = slices.run(work(6));
  await nextTurn();
  expect(done).toEqual([1, 2, 3, 4]);
  await nextTurn();
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await Promise.all([...all, late])).toEqual([1, 2, 3, 4, 5, 6]);
});

it('does at least one in a turn, and begins again when it was idle', async () => {
  const { slices, done, work } = stage(1);
  void slices.run(work(1));
  void slices.run(work(2));
  await nextTurn();
  expect(done).toEqual([1]);
  await nextTurn();
  await nextTurn();
  expect(await slices.run(work(3))).toBe(3);
});

it('goes on after a work that throws', async () => {
  const { slices, work } = stage(10);
  const bad = slices.run(() => {
    throw new Error('bad');
  });
  const good = slices.run(work(1));
  await expect(bad).rejects.toThrow('bad');
  expect(await good).toBe(1);
});
