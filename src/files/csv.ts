import { parse } from 'csv-parse/sync';
import type { FileRow } from '../core/ports/row-files.ts';
import { recordsOf } from './csv-records.ts';

/** Spreadsheets of half the world write semicolons. */
const delimiters = [',', ';', '\t', '|'];
/** Of a record, a row with all its lines. */
const longestRecord = 65_536;

/**
 * The rows of a CSV file (RFC 4180), in UTF-8, or UTF-16 with its byte order mark. The delimiter is the one that
 * stands most often in the first row. What cannot be read is a problem of its row and of no other: `recordsOf` cuts
 * the file into rows before they are parsed.
 */
export async function* csvRows(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly FileRow[]> {
  let delimiter: string | undefined;
  let width: number | undefined;
  /** Has it that many cells, and none where nobody would begin one? */
  const fits = (text: string): boolean => {
    const cells = parsed(text, delimiter ?? ',');
    return typeof cells !== 'string' && (width === undefined || cells.length === width);
  };
  for await (const records of recordsOf(bytes, fits)) {
    const first = records[0];
    delimiter ??= first && delimiterOf(first.text);
    const rows = rowsOf(records, delimiter ?? ',');
    for (const row of rows) {
      if (width !== undefined) break;
      if ('cells' in row) width = row.cells.length;
    }
    yield rows.filter((row) => 'problem' in row || row.cells.some((cell) => cell.trim() !== ''));
  }
}

/** All at once; one by one where that fails, to know which of them it is. */
function rowsOf(records: readonly { line: number; text: string }[], delimiter: string): FileRow[] {
  const texts = records.map(({ text }) => text);
  const sound = texts.every((text) => text.length <= longestRecord && !text.includes('\ufffd'));
  const all = sound ? parseAll(texts.join('\n'), delimiter) : undefined;
  if (all?.length === records.length) {
    return records.map(({ line }, at) => ({ line, cells: all[at] as string[] }));
  }
  return records.map(({ line, text }): FileRow => {
    const cells = parsed(text, delimiter);
    return typeof cells === 'string' ? { line, problem: cells } : { line, cells };
  });
}

/** The cells of one record, or what is wrong with it. */
function parsed(text: string, delimiter: string): string[] | string {
  if (text.length > longestRecord) return 'The row is too long.';
  if (text.includes('\ufffd')) return 'The row is not UTF-8.';
  const rows = parseAll(text, delimiter);
  if (rows?.length === 1) return rows[0] as string[];
  return text.trim() === '' && rows ? [''] : 'The quotes of the row do not match.';
}

function parseAll(text: string, delimiter: string): string[][] | undefined {
  try {
    return parse(text, {
      delimiter,
      relax_column_count: true,
      record_delimiter: ['\n', '\r\n'],
    });
  } catch {
    return undefined;
  }
}

function delimiterOf(text: string): string {
  const bare = text.replace(/"(?:[^"]|"")*"/g, '');
  const counts = delimiters.map((one) => bare.split(one).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}
