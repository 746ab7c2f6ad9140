import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Work of which each step is let go by hand, and in which order it began. */
function desk() {
  const turns = new Turns();
  const began: string[] = [];
  const open: (() => void)[] = [];
  const ask = (owner: string, name = owner): Promise<string> =>
    turns.run(owner, async () => {
      began.push(name);
      await new Promise<void>((resolve) => open.push(resolve));
      return name;
    });
  const finishOne = async (): Promise<void> => {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask, began, finishOne };
}

it('does one after the other, each owner in turn', async () => {
  const { ask, began, finishOne } = desk();
  const all = ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'].map((name) => ask(name[0] ?? '', name));
  await finishOne();
  expect(began).toEqual(['a1', 'a2']);
  for (let times = 0; times < 6; times++) await finishOne();
  expect(await Promise.all(all)).toHaveLength(7);
  expect(began).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
});

it('lets four of one owner wait, and a hundred of all', async () => {
  const { ask, finishOne } = desk();
  const all = [ask('a'), ask('a'), ask('a'), ask('a'), ask('a')];
  await expect(ask('a')).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 2000 });
  for (let at = 0; at < 96; at++) all.push(ask(`owner ${at}`));
  await expect(ask('b')).rejects.toMatchObject({ code: 'overloaded' });
  for (let times = 0; times < 101; times++) await finishOne();
  expect(await Promise.all(all)).toHaveLength(101);
  const again = ask('a');
  await finishOne();
  expect(await again).toBe('a');
});

it('goes on when a work fails', async () => {
  const turns = new Turns();
  const failed = turns.run('a', () => Promise.reject(new Error('no')));
  const next = turns.run('a', () => Promise.resolve('done'));
  await expect(failed).rejects.toThrow('no');
  expect(await next).toBe('done');
});
