import { describe, expect, it } from 'vitest';
import { mergeCallers } from './batch.ts';
import { GatewayError } from './errors.ts';

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

describe('mergeCallers', () => {
  it('gives all that was asked until it is taken to one run, and each asker his own answer', async () => {
    const runs: number[][] = [];
    const double = mergeCallers(async (take: () => number[]) => {
      await turn();
      runs.push(take());
      return take().map((item) => item * 2);
    }, 100);
    expect(await Promise.all([1, 2, 3].map((item) => double(item)))).toEqual([2, 4, 6]);
    expect(runs).toEqual([[1, 2, 3]]);
  });

  it.each([
    [3, 1],
    [4, 1],
    [32, 8],
    [1000, 8],
  ])(
    'lets the first of %i do something with their answers before the last have theirs',
    async (askers, turns) => {
      const ask = mergeCallers(async (take: () => number[]) => take(), 1000);
      const answeredIn: number[] = [];
      let turned = 0;
      const asked = Array.from({ length: askers }, async (_, item) => {
        expect(await ask(item)).toBe(item);
        answeredIn.push(turned);
      });
      while (answeredIn.length < askers) {
        await turn();
        turned += 1;
      }
      await Promise.all(asked);
      expect(new Set(answeredIn).size).toBe(turns);
    },
  );

  it('gathers for the next run while one is under way, and keeps to the limit', async () => {
    const runs: number[][] = [];
    let release = (): void => {};
    const first = new Promise<void>((resolve) => {
      release = resolve;
    });
    const ask = mergeCallers(async (take: () => number[]) => {
      const items = take();
      runs.push(items);
      if (runs.length === 1) await first;
      return items;
    }, 2);
    const one = ask(1);
    await turn();
    const rest = [2, 3, 4].map((item) => ask(item));
    release();
    expect(await Promise.all([one, ...rest])).toEqual([1, 2, 3, 4]);
    expect(runs).toEqual([[1], [2, 3], [4]]);
  });

  it('counts what weighs more as more, and lets one go however heavy it is', async () => {
    const runs: number[][] = [];
    const ask = mergeCallers(
      async (take: () => number[]) => {
        await turn();
        runs.push(take());
        return take();
      },
      10,
      (item) => item,
    );
    await Promise.all([50, 4, 6, 1].map((item) => ask(item)));
    expect(runs).toEqual([[50], [4, 6], [1]]);
  });

  it('runs each alone when one of them brings a defect to light', async () => {
    const ask = mergeCallers(async (take: () => number[]) => {
      await turn();
      if (take().includes(13)) throw new Error('a defect');
      return take();
    }, 10);
    const settled = await Promise.allSettled([1, 13, 2].map((item) => ask(item)));
    expect(settled.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('fails all askers of a refused run and none of the next', async () => {
    let failing = true;
    const ask = mergeCallers(async (take: () => number[]) => {
      await turn();
      if (failing) throw new GatewayError('storage_unavailable', 'no');
      return take();
    }, 10);
    const failed = await Promise.allSettled([ask(1), ask(2)]);
    expect(failed.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    failing = false;
    expect(await ask(3)).toBe(3);
  });
});
