import { setImmediate } from 'node:timers/promises';
import type { FileRow } from '../core/ports/row-files.ts';
import { linesOf, longestLine } from './csv-lines.ts';
import { cellsOf, linesOfRecord, mostLines, textOf } from './csv-record.ts';

/** Spreadsheets of half the world write semicolons. */
const delimiters = [',', ';', '\t', '|'];
/** Then everybody else has a turn: a chunk of a file can be 30 000 lines. */
const recordsAtOnce = 500;

/** Of the first row that can be read: it says what a row of this file is. */
interface Shape {
  delimiter: string;
  width: number;
}

type CsvRecord = { lines: number } & ({ cells: string[]; delimiter: string } | { problem: string });

/**
 * The rows of a CSV file (RFC 4180), in UTF-8, or UTF-16 with its byte order mark. The delimiter is the one that
 * gives the first row the most cells, or what a first line `sep=;` names, which Excel reads and is no row. What cannot
 * be read is a problem of its row and of no other: a quote that is never closed would take all that follows for one
 * cell; so where what it encloses is no row, its line is one by itself, and the next row begins after it.
 */
export async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<readonly FileRow[]> {
  let shape: Shape | undefined;
  let possible: readonly string[] = delimiters;
  let line = 1;
  /** Lines that are not rows yet. */
  let open: readonly string[] = [];

  async function* take(lines: readonly string[], last: boolean): AsyncGenerator<FileRow[]> {
    let at = 0;
    const named = line === 1 ? /^sep=([^"])\r?$/i.exec(lines[0] ?? '')?.[1] : undefined;
    if (named !== undefined) {
      possible = [named];
      at = 1;
      line = 2;
    }
    let ended = false;
    while (!ended && at < lines.length) {
      const rows: FileRow[] = [];
      for (let some = 0; some < recordsAtOnce && at < lines.length; some++) {
        const count = linesOfRecord(lines, at);
        ended = count === undefined && !last && lines.length - at < mostLines;
        if (ended) break;
        const record = recordAt(lines, at, { count, line, shape, possible });
        if ('problem' in record) rows.push({ line, problem: record.problem });
        else if (record.cells.some((cell) => cell.trim() !== '')) {
          rows.push({ line, cells: record.cells });
          shape ??= { delimiter: record.delimiter, width: record.cells.length };
        }
        at += record.lines;
        line += record.lines;
      }
      if (rows.length > 0) yield rows;
      await setImmediate();
      signal?.throwIfAborted();
    }
    open = lines.slice(at);
  }

  for await (const lines of linesOf(bytes)) yield* take([...open, ...lines], false);
  yield* take(open, true);
}

interface Place {
  /** Of the record's lines, as far as the quotes say. */
  count: number | undefined;
  /** Of the file. */
  line: number;
  shape: Shape | undefined;
  /** What may stand between its cells, as long as that is not known. */
  possible: readonly string[];
}

/** The record that begins there. */
function recordAt(
  lines: readonly string[],
  at: number,
  { count, line, shape, possible }: Place,
): CsvRecord {
  const first = textOf(lines, at, 1);
  if (first.length > longestLine) return { lines: 1, problem: 'The row is too long.' };
  const broken = (why = ''): CsvRecord => ({
    lines: 1,
    problem: first.includes('\ufffd') ? notUtf8 : `The quotes of the row do not match${why}.`,
  });
  if (count === undefined) return broken();
  const text = count === 1 ? first : textOf(lines, at, count);
  const read = shape ? readWith(text, shape.delimiter) : readWithMost(text, possible);
  if (!read) return broken();
  if (count > 1) {
    if (shape && read.cells.length !== shape.width) return broken();
    if (enclosesRows(lines.slice(at, at + count), read)) {
      const after = count > 2 ? 'after other rows' : 'in another row';
      return broken(`: the next quote is on line ${line + count - 1}, ${after}`);
    }
  }
  if (text.includes('\ufffd')) return { lines: count, problem: notUtf8 };
  return { lines: count, ...read };
}

const notUtf8 = 'The row is not UTF-8.';

interface Read {
  cells: string[];
  delimiter: string;
}

function readWith(text: string, delimiter: string): Read | undefined {
  const cells = cellsOf(text, delimiter);
  return cells && { cells, delimiter };
}

function readWithMost(text: string, possible: readonly string[]): Read | undefined {
  return possible
    .flatMap((delimiter) => readWith(text, delimiter) ?? [])
    .reduce<Read | undefined>(
      (best, one) => (best && best.cells.length >= one.cells.length ? best : one),
      undefined,
    );
}

/**
 * Two rows with a quote too many each can look like one with a cell of many lines, and the rows between would be lost
 * without a word. They are taken for rows when most of them have as many cells as one. The last line counts, too, when
 * it is a row but for its quote, with a number where the first has one.
 */
function enclosesRows(lines: readonly string[], read: Read): boolean {
  const written = lines.slice(1, -1).filter((text) => text.trim() !== '');
  const rows = written.filter((text) => rowOf(text, read));
  const last = endsWithRow(lines, read) ? 1 : 0;
  return rows.length + last > (written.length + last) / 2;
}

function rowOf(text: string, { cells, delimiter }: Read): string[] | undefined {
  const found = cellsOf(textOf([text], 0, 1), delimiter);
  return found?.length === cells.length ? found : undefined;
}

function endsWithRow(lines: readonly string[], read: Read): boolean {
  const [first = ''] = lines;
  const last = rowOf((lines.at(-1) ?? '').replace('"', ''), read);
  if (!last) return false;
  // What stands before the quote, or all of the line without it.
  const opening = first.lastIndexOf('"');
  const before = read.cells.slice(
    0,
    read.cells.findIndex((cell) => cell.includes('\n')),
  );
  const whole = rowOf(first.slice(0, opening) + first.slice(opening + 1), read) ?? [];
  return last.some(
    (cell, at) => isNumber(cell) && (isNumber(before[at] ?? '') || isNumber(whole[at] ?? '')),
  );
}

/** Does it look like a phone number, however it is written? */
function isNumber(cell: string): boolean {
  return /^[\d\s().+/-]{6,30}$/.test(cell) && cell.replace(/\D/g, '').length >= 6;
}
