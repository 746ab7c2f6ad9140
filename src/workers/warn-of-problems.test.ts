import { expect, it } from 'vitest';
import { memoryLog } from '../../test/support/memory-log.ts';
import type { Reads } from '../core/ports/storage.ts';
import { warnOfProblems } from './warn-of-problems.ts';

const told = async (manyNodes: boolean, problems: () => Promise<string[]>): Promise<object[]> => {
  const { logger, lines } = memoryLog();
  await warnOfProblems({ manyNodes, read: { problems } as unknown as Reads }, logger);
  return lines.map((line) => JSON.parse(line) as object);
};

it('warns of each problem in a line of its own', async () => {
  expect(await told(true, async () => ['One: do this.', 'Two: do that.'])).toMatchObject([
    { level: 40, msg: 'One: do this.' },
    { level: 40, msg: 'Two: do that.' },
  ]);
  expect(await told(true, async () => [])).toEqual([]);
});

it('leaves a file alone, and starts when there is no answer', async () => {
  expect(await told(false, async () => ['One.'])).toEqual([]);
  expect(await told(true, () => Promise.reject(new Error('gone')))).toMatchObject([
    { level: 40, err: { message: 'gone' } },
  ]);
});
