import { sql } from 'kysely';

import type { Session, WriteSession } from '../engine.ts';
import { StorageRefused } from '../refused.ts';
import { ledgerReads } from '../repositories/ledger.ts';
import type { Place } from './begin.ts';
import { countRows } from './count.ts';
import type { SetCounter } from './counters.ts';
import type { TablePlan } from './plan.ts';

const again =
  'Something besides this move writes there. Give the move up with `parlance migrate --undo`, and begin ' +
  'anew with an empty database that nobody else uses.';

/**
 * Every row was compared when it was written; this finds those that came or went besides.
 *
 * @throws StorageRefused when the target has not exactly as many rows as the source.
 */
export async function requireCount(target: Place, plan: TablePlan, rows: number): Promise<void> {
  const there = await countRows(target.engine.reader, plan);
  if (there === rows) return;
  throw new StorageRefused(
    `The move stopped: ${plan.table} has ${rows} rows here and ${there} in ${target.name}. ${again}`,
  );
}

/** @throws StorageRefused when a balance in the target is not the sum of its ledger. */
export async function requireBalanced(target: Place): Promise<void> {
  const [wrong, ...more] = await ledgerReads(target.engine.reader).discrepancies();
  if (!wrong) return;
  throw new StorageRefused(
    `The move stopped: in ${target.name} there are balances that are not the sum of their ledger: ` +
      `${more.length + 1}, the first of ${wrong.purse}. See with \`parlance doctor\` whether it was so before the ` +
      'move, and report the defect.',
  );
}

/** Lets the target's counters go on above the source's highest values. */
export async function raiseCounters(
  source: Session,
  target: WriteSession,
  plans: readonly TablePlan[],
  setCounter: SetCounter,
): Promise<void> {
  for (const { table, counter: column } of plans) {
    if (column === undefined) continue;
    const { rows } = await sql<{ highest: number | null }>`
      select max(${sql.ref(column)}) as highest from ${sql.table(table)}`.execute(source.kysely);
    const highest = rows[0]?.highest ?? null;
    if (highest !== null) await setCounter(target, { table, column, highest });
  }
}
