import type { Engine, Session, WriteSession } from '../engine.ts';
import type { Row } from '../row.ts';
import { requireSame, withoutNul } from './compare.ts';
import { nextLimit, readPage, valuesOf } from './pages.ts';
import type { TablePlan } from './plan.ts';

/** How far a table has come. */
export interface TableProgress {
  /** The key of the last row that is in the target. */
  last: Row | undefined;
  rows: number;
  /** Texts that lost a U+0000. */
  nuls: number;
}

/** How far an earlier run has brought a table; the beginning where there was none. */
export async function progressOf(
  { kysely }: Session,
  { table }: TablePlan,
): Promise<TableProgress> {
  const row = await kysely
    .selectFrom('move_progress')
    .selectAll()
    .where('table_name', '=', table)
    .executeTakeFirst();
  if (!row) return { last: undefined, rows: 0, nuls: 0 };
  return { last: JSON.parse(row.last_key) as Row, rows: row.rows, nuls: row.nuls };
}

/**
 * Copies a table from where an earlier run ended. Each page is one transaction of the target: its rows,
 * their comparison with what can be read there, and the progress, so that whatever happens, the rows
 * that count as copied are there and are right.
 *
 * @param onPage told after each commit. When it throws, the copy ends there.
 * @returns how far it has come: to the end.
 */
export async function copyTable(
  source: Session,
  target: Engine,
  plan: TablePlan,
  start: TableProgress,
  onPage: (progress: TableProgress) => void | Promise<void>,
): Promise<TableProgress> {
  let progress = start;
  let page: Row[] | undefined;
  for (;;) {
    const limit = nextLimit(page);
    page = await readPage(source, plan, progress.last, limit);
    const end = page.at(-1);
    if (!end) return progress;
    const cleaned = target.capabilities.textHoldsNul ? [] : page.map(withoutNul);
    const rows = target.capabilities.textHoldsNul ? page : cleaned.map(({ row }) => row);
    const next: TableProgress = {
      last: valuesOf(plan, end, plan.order),
      rows: progress.rows + page.length,
      nuls: cleaned.reduce((sum, { nuls }) => sum + nuls, progress.nuls),
    };
    await target.transaction(async (session) => {
      await session.bulk.insert(plan.insert, rows);
      const keys = rows.map((row) => valuesOf(plan, row, plan.find));
      requireSame(plan, rows, await session.bulk.select(plan.select, keys));
      await saveProgress(session, plan, next);
    });
    progress = next;
    await onPage(progress);
    if (page.length < limit) return progress;
  }
}

async function saveProgress(
  { kysely }: WriteSession,
  { table }: TablePlan,
  { last, rows, nuls }: TableProgress,
): Promise<void> {
  const values = { last_key: JSON.stringify(last), rows, nuls };
  await kysely
    .insertInto('move_progress')
    .values({ table_name: table, ...values })
    .onConflict((clash) => clash.column('table_name').doUpdateSet(values))
    .execute();
}
