import { longestLine } from './csv-lines.ts';

/** A record of more lines, or longer than a line may be, has an opening quote that nobody closed. */
export const mostLines = 50;

/**
 * How many lines belong to the record that begins there: a line break stands in a cell when the quotes before it are
 * odd in number. Undefined when it does not end among these.
 */
export function linesOfRecord(lines: readonly string[], from: number): number | undefined {
  let odd = false;
  let characters = 0;
  const most = Math.min(lines.length, from + mostLines);
  for (let at = from; at < most; at++) {
    const text = lines[at] as string;
    for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) odd = !odd;
    if (!odd) return at - from + 1;
    characters += text.length;
    if (characters > longestLine) return undefined;
  }
  return undefined;
}

/** These lines as they stand in the file, without the end of the last one. */
export function textOf(lines: readonly string[], from: number, count: number): string {
  const text = count === 1 ? (lines[from] as string) : lines.slice(from, from + count).join('\n');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/**
 * The cells of one record (RFC 4180, section 2). Undefined when a quote stands within a cell that does not begin with
 * one, or something other than a delimiter after the quote that ends one, or a cell does not end.
 */
export function cellsOf(text: string, delimiter: string): string[] | undefined {
  if (!text.includes('"')) return text.split(delimiter);
  const cells: string[] = [];
  for (let at = 0; ; ) {
    let end: number;
    if (text[at] === '"') {
      end = closingQuote(text, at) + 1;
      if (end === 0 || (end < text.length && text[end] !== delimiter)) return undefined;
      cells.push(text.slice(at + 1, end - 1).replaceAll('""', '"'));
    } else {
      end = text.indexOf(delimiter, at);
      if (end < 0) end = text.length;
      const cell = text.slice(at, end);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
    }
    if (end === text.length) return cells;
    at = end + 1;
  }
}

/** Where the cell ends whose opening quote stands there; two quotes stand for one. -1 when it does not. */
function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (at >= 0 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
