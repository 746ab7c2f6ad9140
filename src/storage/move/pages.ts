import { sql } from 'kysely';

import type { Session } from '../engine.ts';
import type { Row, SqlValue } from '../row.ts';
import type { TablePlan } from './plan.ts';

/** Rows of the first page of a table, of which nobody knows yet how long they are. */
const FIRST_ROWS = 100;
const MOST_ROWS = 2_000;
/** What a page should hold at most, by the length of its texts. */
const PAGE_CHARACTERS = 2_000_000;

/**
 * The rows of a table that follow a key, in the order of the key.
 *
 * @param after the key of the last row before them; undefined at the beginning.
 */
export async function readPage(
  { kysely }: Session,
  { table, columns, order }: TablePlan,
  after: Row | undefined,
  limit: number,
): Promise<Row[]> {
  const key = sql.join(order.map((column) => sql.ref(column)));
  const { rows } = await sql<Record<string, SqlValue>>`
    select ${sql.join(columns.map((column) => sql.ref(column)))} from ${sql.table(table)}
    ${after ? sql`where (${key}) > (${sql.join(after)})` : sql``}
    order by ${key} limit ${limit}`.execute(kysely);
  return rows.map((record) => columns.map((column) => record[column] as SqlValue));
}

/** What stands in some of a row's columns. */
export function valuesOf({ columns }: TablePlan, row: Row, of: readonly string[]): SqlValue[] {
  return of.map((column) => row[columns.indexOf(column)] as SqlValue);
}

/** How many rows to ask for next, so that pages of long rows are small and those of short ones few. */
export function nextLimit(page: readonly Row[] | undefined): number {
  if (!page || page.length === 0) return FIRST_ROWS;
  let characters = 0;
  for (const row of page) {
    for (const value of row) characters += typeof value === 'string' ? value.length : 8;
  }
  const fitting = Math.floor((PAGE_CHARACTERS * page.length) / characters);
  return Math.min(MOST_ROWS, Math.max(1, fitting));
}
