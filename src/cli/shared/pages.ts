import type { Command } from 'commander';
import type { Page } from '../../core/ports/storage.ts';
import { wholeNumber } from './parse.ts';
import type { Printer } from './printer.ts';
import type { Column } from './table.ts';

export interface PageOptions {
  limit: number;
  offset: number;
}

/** Adds `--limit` and `--offset` to a command. */
export function paged(command: Command): Command {
  return command
    .option('--limit <rows>', 'how many at most', wholeNumber(1, 500), 50)
    .option('--offset <rows>', 'how many to skip', wholeNumber(0, 1_000_000_000), 0);
}

/** The rows of a page, and whether there are more. */
export interface PageOf<Row> extends PageOptions {
  rows: Row[];
  more: boolean;
}

/** Reads a page: one row more than is shown, to know whether there are further ones. */
export async function readPage<Row>(
  { limit, offset }: PageOptions,
  read: (page: Page) => Promise<Row[]>,
): Promise<PageOf<Row>> {
  const rows = await read({ limit: limit + 1, offset });
  return { rows: rows.slice(0, limit), more: rows.length > limit, limit, offset };
}

/** The same from rows that are all there. */
export function pageOf<Row>(all: readonly Row[], { limit, offset }: PageOptions): PageOf<Row> {
  const rows = all.slice(offset, offset + limit);
  return { rows, more: all.length > offset + limit, limit, offset };
}

/** Prints a page: a table, or `{ items, offset, limit, more }`. */
export function printPage<Row>(
  print: Printer,
  page: PageOf<Row>,
  how: {
    /** For programs. */
    item: (row: Row) => unknown;
    columns: readonly Column<Row>[];
    /** Said when there is nothing to show. */
    none: string;
  },
): void {
  const { rows, offset, limit, more } = page;
  print.result({ items: rows.map(how.item), offset, limit, more }, () =>
    rows.length === 0 ? [] : print.table(rows, how.columns),
  );
  if (rows.length === 0) {
    print.remark(offset === 0 ? how.none : `There is nothing after the first ${offset}.`);
  } else if (more) {
    print.remark(`There is more: add --offset ${offset + limit}.`);
  }
}
