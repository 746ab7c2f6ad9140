import type { Config } from '../../config/load.ts';
import type { Moved } from '../../storage/move/move.ts';
import { count } from '../shared/format.ts';
import type { Printer } from '../shared/printer.ts';
import { lasted } from './progress.ts';

/** What a move came to, for programs. */
export function movedDocument({ to, tables, rows, rowsNow, nuls, tookMs }: Moved) {
  return {
    to,
    rows,
    rowsOfThisRun: rowsNow,
    tables: Object.fromEntries(tables.map(({ table, rows: those }) => [table, those])),
    replacedNuls: nuls,
    tookMs,
  };
}

/** The same for people, with what they do next. */
export function movedLines(
  { to, tables, rows, rowsNow, nuls, tookMs }: Moved,
  from: string,
  config: Pick<Config, 'security'>,
  print: Printer,
): string[] {
  const resumed = rowsNow === rows ? '' : `, ${rowsNow} of them in this run`;
  const lines = [
    ...print.table(tables, [
      { title: 'TABLE', of: ({ table }) => table },
      { title: 'ROWS', of: (one) => one.rows, align: 'right' },
    ]),
    '',
    `Moved ${count(rows, 'row')} to ${to} in ${lasted(tookMs)}${resumed}.`,
    `${compared(rows, rowsNow)}, and every balance is the sum of its ledger.`,
  ];
  if (nuls > 0) {
    lines.push(
      `${count(nuls, 'text')} held the character U+0000, which the database there cannot store: U+FFFD stands for it.`,
    );
  }
  const key =
    config.security.key === ''
      ? `a copy of ${from}/secret.key in its data folder, or its text as \`security.key\``
      : 'the same `security.key` as here';
  return [
    ...lines,
    'Next: `parlance serve` with this configuration. The key is no part of the database: every node needs ' +
      `${key}.`,
    `${from} is as it was, but is not served any more; \`parlance migrate --undo --data ${from}\` takes that back.`,
  ];
}

/** What is copied is compared in the same step, so an earlier run compared its own. */
function compared(rows: number, rowsNow: number): string {
  if (rowsNow === rows) return 'Every row was compared';
  const now =
    rowsNow === 0 ? 'This run had none to copy' : `The ${rowsNow} of this run were compared now`;
  return `${now}, the other ${rows - rowsNow} by the run that copied them; all were counted once more`;
}
