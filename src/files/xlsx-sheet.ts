import type { Readable } from 'node:stream';
import { GatewayError } from '../core/errors.ts';
import type { FileRow } from '../core/ports/row-files.ts';
import { longestCell } from './xlsx-workbook.ts';
import { localName, xmlParser } from './xml.ts';

const mostColumns = 1_000;
/** Of any sheet (Excel's specifications and limits): what has more is made to be work. */
const lastRow = 1_048_576;
const lastColumn = 16_384;

/**
 * The rows of a sheet, as its XML comes in. Cells are texts as they stand there: numbers without the format in which
 * they are shown, so that a phone number is one; of formulas the last result.
 * @param strings the texts that cells name by their number.
 */
export async function* sheetRows(
  stream: Readable,
  strings: readonly string[],
): AsyncGenerator<readonly FileRow[]> {
  let rows: FileRow[] = [];
  let cells: string[] = [];
  let problem: string | undefined;
  let line = 0;
  let column = 0;
  let seenRows = 0;
  let seenCells = 0;
  let type = 'n';
  let text: string | undefined;
  let inValue = false;

  const opened = (name: string, given: Readonly<Record<string, string>>): void => {
    switch (name) {
      case 'row': {
        const at = Number(given['r']);
        // Whatever a file says: lines grow, and one by one stay whole numbers.
        line = Number.isInteger(at) && at > line && at <= lastRow ? at : line + 1;
        seenRows += 1;
        if (seenRows > lastRow) throw noSheet(`${lastRow} rows`);
        seenCells = 0;
        cells = [];
        column = 0;
        problem = undefined;
        break;
      }
      case 'c': {
        seenCells += 1;
        if (seenCells > lastColumn) throw noSheet(`${lastColumn} cells in a row`);
        const at = columnOf(given['r']) ?? column;
        column = at + 1;
        type = given['t'] ?? 'n';
        text = '';
        if (at >= mostColumns) problem = `The row has more than ${mostColumns} columns.`;
        else while (cells.length <= at) cells.push('');
        break;
      }
      case 'v':
      case 't':
        inValue = text !== undefined;
        break;
      default:
    }
  };
  const closed = (name: string): void => {
    switch (name) {
      case 'v':
      case 't':
        inValue = false;
        break;
      case 'c': {
        const value = valueOf(type, text ?? '', strings);
        if (column <= mostColumns) cells[column - 1] = value;
        if (value.length > longestCell) problem = 'The row is too long.';
        text = undefined;
        break;
      }
      case 'row':
        if (problem !== undefined) rows.push({ line, problem });
        else if (cells.some((cell) => cell.trim() !== '')) rows.push({ line, cells });
        break;
      default:
    }
  };
  const add = (more: string): void => {
    if (inValue && text !== undefined && text.length <= longestCell) text += more;
  };
  const parser = xmlParser({
    onopentag: ({ name, attributes }) =>
      opened(localName(name), attributes as Readonly<Record<string, string>>),
    onclosetag: (name) => closed(localName(name)),
    ontext: add,
    oncdata: add,
  });
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    parser.write(chunk as string);
    if (rows.length === 0) continue;
    yield rows;
    rows = [];
  }
  parser.close();
}

function noSheet(most: string): GatewayError {
  return new GatewayError('invalid_request', `The sheet has more than ${most}.`, { field: 'file' });
}

/** The column of `AB12`, from 0. */
function columnOf(reference: string | undefined): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? '')?.[0];
  if (letters === undefined) return undefined;
  let number = 0;
  for (const letter of letters) number = number * 26 + letter.charCodeAt(0) - 64;
  return number - 1;
}

function valueOf(type: string, text: string, strings: readonly string[]): string {
  if (type === 's') return strings[Number(text)] ?? '';
  if (type === 'b') return text === '1' ? 'TRUE' : 'FALSE';
  if (type !== 'n') return text;
  // 6.1412345678E10 is a phone number.
  if (!/e/i.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? String(number) : text;
}
