import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import type { Acknowledged } from './load.ts';
import type { TestDatabase } from './storage.ts';

type Books = Pick<TestDatabase, 'query'>;

interface MessageRow {
  id: string;
  status: string;
  price: number | string;
  possibly_doubled: number | string;
}

interface JournalLine {
  messageId: string;
  part: number;
  possiblyDoubled: boolean;
}

/** Messages that somebody still has to move, read beside the running gateway. */
export async function waiting({ query }: Books): Promise<number> {
  const [row] = await query<{ n: number }>(
    "select count(*) as n from messages where status in ('scheduled', 'queued', 'sending')",
  );
  return Number(row?.n);
}

/**
 * What must hold when everything has come to rest, whatever happened before: each message that a client
 * was told of exists, each credit is accounted for, and nothing reached a carrier twice unmarked.
 * @param journals the sandbox's, of all nodes.
 * @param doubles may a message be sent again by its link's policy?
 */
export async function expectBooksToBalance(
  { query }: Books,
  acknowledged: readonly Acknowledged[],
  journals: readonly string[],
  { doubles = false }: { doubles?: boolean } = {},
): Promise<void> {
  const rows = await query<MessageRow>('select id, status, price, possibly_doubled from messages');
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ids = acknowledged.flatMap((one) => one.ids);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !byId.has(id))).toEqual([]);

  await expectLedgerToEqualMessages({ query }, acknowledged);

  const handed = await handedOver(journals);
  const doubled = [...handed].filter(([, times]) => times > 1).map(([key]) => key.slice(0, 36));
  if (!doubles) expect(doubled).toEqual([]);
  expect(doubled.filter((id) => Number(byId.get(id)?.possibly_doubled) !== 1)).toEqual([]);
  // What the carrier got is ours, each of it.
  expect([...handed.keys()].filter((key) => !byId.has(key.slice(0, 36)))).toEqual([]);

  // Nothing is forgotten half-way.
  const settled = ['delivered', 'unknown', 'sent'];
  expect(rows.filter((row) => !settled.includes(row.status))).toEqual([]);
  expect(rows.filter((row) => row.status !== 'unknown' && !handed.has(`${row.id}/1`))).toEqual([]);
}

/** How often each part, by `message/part`, reached the sandbox, by its journals. */
export async function handedOver(journals: readonly string[]): Promise<Map<string, number>> {
  const handed = new Map<string, number>();
  for (const { messageId, part } of (await Promise.all(journals.map(linesOf))).flat()) {
    const key = `${messageId}/${part}`;
    handed.set(key, (handed.get(key) ?? 0) + 1);
  }
  return handed;
}

/** Every balance is the sum of its ledger, and every submission was charged once, what its messages cost. */
export async function expectLedgerToEqualMessages(
  { query }: Books,
  acknowledged: readonly Acknowledged[],
): Promise<void> {
  const sum = async (statement: string): Promise<number> =>
    Number((await query<{ n: number | string | null }>(statement))[0]?.n ?? 0);
  const charged = -(await sum("select sum(amount) as n from ledger where kind = 'charge'"));
  expect(await sum('select sum(amount) as n from balances')).toBe(
    await sum('select sum(amount) as n from ledger'),
  );
  expect(charged).toBe(await sum('select sum(price) as n from messages'));
  // Each submission was charged once, what its messages cost.
  expect(
    await sum(`select count(*) as n from (
      select submission_id, sum(price) as price from messages group by submission_id
    ) m left join (
      select submission_id, -sum(amount) as charged, count(*) as times from ledger
      where kind = 'charge' group by submission_id
    ) l on l.submission_id = m.submission_id
    where l.charged is null or l.charged <> m.price or l.times <> 1`),
  ).toBe(0);
  const answered = acknowledged.reduce((total, one) => total + one.cost, 0) * 1_000;
  expect(charged).toBeGreaterThanOrEqual(answered);
}

/** None of a node that never sent. The last line may be half written: its process was killed. */
async function linesOf(journal: string): Promise<JournalLine[]> {
  if (!existsSync(journal)) return [];
  const text = await readFile(journal, 'utf8');
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as JournalLine);
}
