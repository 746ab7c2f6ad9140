/** A line that is longer is no row; the rest of it is not kept. */
export const longestLine = 65_536;

/**
 * The lines of a text file as it comes in, in UTF-8, or UTF-16 with its byte order mark. A line ends with LF, before
 * which a CR is left to stand; or with CR alone, where the first line does, as old spreadsheets write it.
 */
export async function* linesOf(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  let decoder: TextDecoder | undefined;
  let end: '\n' | '\r' | undefined;
  /** What is read of a line that has not ended; as long as `end` is not known, all that is read. */
  let rest = '';
  const take = (text: string, last: boolean): string[] => {
    let more = text;
    if (end === undefined) {
      more = rest + text;
      rest = '';
      end = lineEndOf(more, last || more.length > longestLine);
      if (end === undefined) {
        rest = more;
        return [];
      }
    }
    if (end === '\r') more = more.replaceAll('\r', '\n');
    const lines = more.split('\n');
    if (rest.length <= longestLine) lines[0] = rest + (lines[0] as string);
    else lines[0] = rest;
    rest = lines.pop() as string;
    return lines;
  };

  for await (const chunk of bytes) {
    decoder ??= decoderOf(chunk);
    const lines = take(decoder.decode(chunk, { stream: true }), false);
    if (lines.length > 0) yield lines;
  }
  const lines = take(decoder?.decode() ?? '', true);
  if (rest !== '') lines.push(rest);
  if (lines.length > 0) yield lines;
}

/** Of a file that begins so: what stands behind its first line, not in a quoted cell. */
function lineEndOf(head: string, enough: boolean): '\n' | '\r' | undefined {
  const bare = head.replace(/"[^"]*"/g, '');
  const found = /^[^"\r\n]*(?:\r?\n|(\r)[^\n])/.exec(bare);
  if (found) return found[1] ? '\r' : '\n';
  if (!enough) return undefined;
  // The quotes of its first line do not match, or it has one line.
  return /^[^\r\n]*\r(?!\n)/.test(head) ? '\r' : '\n';
}

/** By its byte order mark, which the decoder takes away; else UTF-8. */
function decoderOf(head: Uint8Array): TextDecoder {
  if (head[0] === 0xff && head[1] === 0xfe) return new TextDecoder('utf-16le');
  if (head[0] === 0xfe && head[1] === 0xff) return new TextDecoder('utf-16be');
  return new TextDecoder('utf-8');
}
