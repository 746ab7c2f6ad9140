import { expect, it } from 'vitest';

import type { Queryable } from './dialect.ts';
import { problemsOf } from './problems.ts';

const well = {
  number: '160004',
  version: '16.4',
  fsync: 'on',
  full_page_writes: 'on',
  clock: '1000000',
};

/** What is said of a server that answers so, asked at and answered at these instants of our clock. */
const said = (answer: Partial<typeof well>, ...clock: number[]) =>
  problemsOf(
    { query: async () => ({ rows: [{ ...well, ...answer }] }) } as unknown as Queryable,
    () => (clock.length > 1 ? (clock.shift() as number) : (clock[0] as number)),
  );

it.each([
  [
    { version: '13.9', number: '130009' },
    /PostgreSQL 13\.9, and 14 is the oldest .*: update it\.$/,
  ],
  [{ fsync: 'off' }, /has fsync = off, so .*: set fsync = on in its postgresql\.conf/],
  [{ full_page_writes: 'off' }, /: set full_page_writes = on in /],
  [{ clock: '1002001' }, /differ by 2001 ms, .*: keep both in step, best by NTP\.$/],
  [{ clock: '997999' }, /differ by 2001 ms/],
])('of %j it says what to do', async (answer, sentence) => {
  const problems = await said(answer, 1_000_000);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(sentence);
  expect(problems[0]).not.toMatch(/is damaged/);
});

it('does not take a slow answer for a skew', async () => {
  expect(await said({}, 995_000, 1_005_000)).toEqual([]);
  expect(await said({}, 1_000_000)).toEqual([]);
});
