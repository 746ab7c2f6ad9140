import { sql } from 'kysely';

import type { Session } from '../engine.ts';
import type { SqlValue } from '../row.ts';
import type { TablePlan } from './plan.ts';

/** Rows of one statement. A server gives up statements that take long, and a table may have millions. */
const AT_ONCE = 50_000;

/**
 * How many rows a table has. Counted piece by piece along the first column of a key.
 *
 * @param atOnce given by tests only.
 */
export async function countRows(
  { kysely }: Session,
  { table, find }: TablePlan,
  atOnce = AT_ONCE,
): Promise<number> {
  const [first = ''] = find;
  const [from, column] = [sql.table(table), sql.ref(first)];
  let rows = 0;
  let last: SqlValue | undefined;
  for (;;) {
    const after = last === undefined ? sql`true` : sql`${column} > ${last}`;
    const { rows: ends } = await sql<{ at: SqlValue }>`
      select ${column} as at from ${from} where ${after}
      order by ${column} limit 1 offset ${atOnce - 1}`.execute(kysely);
    const end = ends[0]?.at;
    const until = end === undefined ? sql`true` : sql`${column} <= ${end}`;
    const { rows: counted } = await sql<{ count: number }>`
      select count(*) as count from ${from} where ${after} and ${until}`.execute(kysely);
    rows += Number(counted[0]?.count);
    if (end === undefined) return rows;
    last = end;
  }
}
