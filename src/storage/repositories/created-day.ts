import type { BulkReads, Select } from '../engine.ts';

const DAY_MS = 86_400_000;

/** Both ends of `messages_destination`: one entry is read. */
const end = (orderBy: string): Select => ({
  table: 'messages',
  columns: ['created_day'],
  key: [],
  orderBy,
  limited: true,
});
const newest = end('created_day desc');
const oldest = end('created_day');

/**
 * Gives the days, newest first, in which there may be messages that were made at or after `since`:
 * what is looked up by destination is looked up in each of them.
 */
export async function daysSince(bulk: BulkReads, since: number): Promise<number[]> {
  const [last] = (await bulk.select(newest, [[1]])).flat();
  const [first] = (await bulk.select(oldest, [[1]])).flat();
  if (!first || !last) return [];
  const from = Math.max(Number(first[0]), Math.floor(since / DAY_MS));
  const days: number[] = [];
  for (let day = Number(last[0]); day >= from; day--) days.push(day);
  return days;
}
