import { StorageRefused } from '../refused.ts';
import type { Row } from '../row.ts';
import { valuesOf } from './pages.ts';
import type { TablePlan } from './plan.ts';

/** What stands for U+0000 where the target's texts cannot hold it: the mark for "was no character". */
const REPLACEMENT = '\uFFFD';

/**
 * The row without U+0000, and in how many of its texts there was one. The gateway refuses such texts
 * at its border; rows from before it did so may have them.
 */
export function withoutNul(row: Row): { row: Row; nuls: number } {
  let nuls = 0;
  const clean = row.map((value) => {
    if (typeof value !== 'string' || !value.includes('\0')) return value;
    nuls += 1;
    return value.replaceAll('\0', REPLACEMENT);
  });
  return nuls === 0 ? { row, nuls } : { row: clean, nuls };
}

/**
 * Compares what was written with what is there, in every column, its type included. The value itself is
 * never told: it may be a secret or somebody's text.
 *
 * @param found for each row what the target has under its key.
 * @throws StorageRefused naming the first difference.
 */
export function requireSame(plan: TablePlan, rows: readonly Row[], found: readonly Row[][]): void {
  rows.forEach((row, at) => {
    const [copy, ...more] = found[at] ?? [];
    if (!copy) throw different(plan, row, 'it is not there');
    if (more.length > 0) throw different(plan, row, 'it is there more than once');
    const column = plan.columns.find((_, place) => copy[place] !== row[place]);
    if (column) throw different(plan, row, `its column ${column} is not the same`);
  });
}

function different(plan: TablePlan, row: Row, what: string): StorageRefused {
  const key = valuesOf(plan, row, plan.order).map((value) => JSON.stringify(value));
  return new StorageRefused(
    `The move stopped: the row ${key.join(', ')} of ${plan.table} was written to the target and ` +
      `${what}. Find out what changes rows there (a trigger, another program), then run this again: ` +
      'it goes on before this row.',
  );
}
