import type { Paint } from './paint.ts';
import { columnsOf, printable, shortened } from './printable.ts';

/** One column: its title, and what stands in it for a row. */
export interface Column<Row> {
  title: string;
  of: (row: Row) => string | number | null | undefined;
  align?: 'right';
  /** Longer ones are shortened. */
  most?: number;
  colour?: (row: Row, paint: Paint) => (text: string) => string;
}

/** What stands where there is nothing. */
const nothing = '-';

/** Rows as aligned lines under a line of titles, two spaces between the columns. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  paint: Paint,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cellOf(row, column)));
  const widths = columns.map((column, index) =>
    Math.max(columnsOf(column.title), ...cells.map((line) => columnsOf(line[index] ?? ''))),
  );
  const titles = columns.map((column, index) =>
    paint.bold(padded(column.title, widths[index] ?? 0, column, index === columns.length - 1)),
  );
  const lines = rows.map((row, line) =>
    columns
      .map((column, index) => {
        const text = cells[line]?.[index] ?? '';
        const last = index === columns.length - 1;
        const full = padded(text, widths[index] ?? 0, column, last);
        return column.colour ? column.colour(row, paint)(full) : full;
      })
      .join('  ')
      .trimEnd(),
  );
  return [titles.join('  '), ...lines];
}

function cellOf<Row>(row: Row, { of, most }: Column<Row>): string {
  const value = of(row);
  if (value === null || value === undefined || value === '') return nothing;
  const text = printable(String(value));
  return most === undefined ? text : shortened(text, most);
}

function padded(
  text: string,
  width: number,
  { align }: Pick<Column<never>, 'align'>,
  last: boolean,
): string {
  const gap = ' '.repeat(Math.max(0, width - columnsOf(text)));
  if (align === 'right') return gap + text;
  // Nothing follows the last one, so nothing need fill it up.
  return last ? text : text + gap;
}

/** Names and what they hold, one a line, the values below each other; what is undefined is left out. */
export function fields(
  pairs: readonly (readonly [name: string, value: string | number | null | undefined])[],
  paint: Paint,
): string[] {
  const shown = pairs.filter(([, value]) => value !== undefined);
  const width = Math.max(...shown.map(([name]) => columnsOf(name)));
  return shown.map(([name, value]) => {
    const text = value === null || value === '' ? nothing : String(value);
    return `${paint.dim(name.padEnd(width))}  ${printable(text)}`;
  });
}
