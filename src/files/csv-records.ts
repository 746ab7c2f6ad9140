/** A record of a CSV file as it stands there, without the end of its last line. */
export interface CsvRecord {
  /** Of its first line, from 1. */
  line: number;
  text: string;
}

/** A record that is longer has an opening quote that nobody closed. */
const mostLines = 50;
const mostCharacters = 32_768;

/**
 * Cuts a CSV file into records: a line break stands in a cell when the quotes before it are odd in number. A quote
 * that is never closed would take all that follows for one cell; so where a record of several lines does not fit, its
 * first line is a record by itself, and the next one begins after it.
 * @param fits whether a record of several lines is one, as far as its cells say.
 */
export async function* recordsOf(
  bytes: AsyncIterable<Uint8Array>,
  fits: (text: string) => boolean,
): AsyncGenerator<readonly CsvRecord[]> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  let line = 1;
  /** Lines of a record that is not closed yet, and lines that were read and not looked at. */
  let open: string[] = [];

  const cut = (text: string, last: boolean): CsvRecord[] => {
    const lines = text.split('\n');
    rest = last ? '' : (lines.pop() as string);
    if (last && lines.at(-1) === '') lines.pop();
    const records: CsvRecord[] = [];
    const queue = [...open, ...lines];
    open = [];
    let at = 0;
    while (at < queue.length) {
      const count = linesOfRecord(queue, at);
      if (count === undefined && !last && queue.length - at < mostLines) break;
      const whole = count === undefined ? undefined : textOf(queue, at, count);
      const good = whole !== undefined && (count === 1 || fits(whole));
      records.push({ line, text: good ? whole : textOf(queue, at, 1) });
      const used = good ? (count as number) : 1;
      at += used;
      line += used;
    }
    open = queue.slice(at);
    return records;
  };

  for await (const chunk of bytes) {
    decoder ??= decoderOf(chunk);
    const text = rest + decoder.decode(chunk, { stream: true });
    // A line that does not end: the rest of it is not looked at, since it is no row anyway.
    if (text.length > 4 * mostCharacters && !text.includes('\n')) {
      rest = text.slice(0, 4 * mostCharacters);
      continue;
    }
    const records = cut(text, false);
    if (records.length > 0) yield records;
  }
  const records = cut(rest + (decoder?.decode() ?? ''), true);
  if (records.length > 0) yield records;
}

/** How many lines belong to the record that begins there; undefined when it does not end among these. */
function linesOfRecord(lines: readonly string[], from: number): number | undefined {
  let odd = false;
  let characters = 0;
  const most = Math.min(lines.length, from + mostLines);
  for (let at = from; at < most; at++) {
    const text = lines[at] as string;
    characters += text.length;
    for (let i = text.indexOf('"'); i >= 0; i = text.indexOf('"', i + 1)) odd = !odd;
    if (!odd) return at - from + 1;
    if (characters > mostCharacters) return undefined;
  }
  return undefined;
}

function textOf(lines: readonly string[], from: number, count: number): string {
  const text = count === 1 ? (lines[from] as string) : lines.slice(from, from + count).join('\n');
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** By its byte order mark, which the decoder takes away; else UTF-8. */
function decoderOf(head: Uint8Array): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder('utf-8');
}
