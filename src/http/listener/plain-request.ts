/** A request as its client sent it, with the names of its header lines in small letters. */
export interface PlainRequest {
  method: string;
  url: string;
  /** Names and values in turns, each name once. */
  headers: string[];
  /** Its bytes as Latin-1; null when there are none. */
  body: string | null;
  /** How many bytes it had in all. */
  length: number;
}

/** Longer heads, and bodies, are for Node's own parser. */
const longestHead = 16 * 1024;
export const longestBody = 64 * 1024;

/**
 * A request line and header lines of RFC 9112 as nearly all clients write them: one space where one belongs, no
 * continued lines, no control characters.
 */
const plainHead =
  /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/[!-~]* HTTP\/1\.1(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*)*$/;
/** Whose presence changes how a message is read, or what follows on its connection. */
const notPlain = new Set(['transfer-encoding', 'expect', 'upgrade', 'proxy-connection']);

/**
 * Reads a request of the ordinary kind: complete, with a body of a declared length or none, on a connection that stays.
 * It never guesses: whatever could be read in two ways is `other`, and Node's parser decides. So two programs in a row
 * cannot see different requests in the same bytes.
 * @returns `partial` when what is there is the beginning of one, or could be.
 */
export function readPlainRequest(bytes: Buffer): PlainRequest | 'partial' | 'other' {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length > longestHead ? 'other' : 'partial';
  if (end > longestHead) return 'other';
  const head = bytes.toString('latin1', 0, end);
  if (!plainHead.test(head)) return 'other';

  const lineEnd = head.indexOf('\r\n');
  const line = lineEnd < 0 ? head : head.slice(0, lineEnd);
  const space = line.indexOf(' ');
  const method = line.slice(0, space);
  const url = line.slice(space + 1, -' HTTP/1.1'.length);

  const headers: string[] = [];
  let size = 0;
  for (let at = lineEnd; at >= 0; ) {
    const begin = at + 2;
    at = head.indexOf('\r\n', begin);
    const colon = head.indexOf(':', begin);
    const name = head.slice(begin, colon).toLowerCase();
    const value = withoutBlanks(head, colon + 1, at < 0 ? head.length : at);
    if (notPlain.has(name)) return 'other';
    if (name === 'connection' && value.toLowerCase() !== 'keep-alive') return 'other';
    if (name === 'content-length') {
      if (!/^\d{1,9}$/.test(value)) return 'other';
      size = Number(value);
    }
    for (let before = 0; before < headers.length; before += 2) {
      if (headers[before] === name) return 'other';
    }
    headers.push(name, value);
  }
  if (size > longestBody) return 'other';

  const begin = end + 4;
  const length = begin + size;
  if (bytes.length < length) return 'partial';
  const body = size === 0 ? null : bytes.toString('latin1', begin, length);
  return { method, url, headers, body, length };
}

/** What stands between, without the blanks around it (RFC 9112 section 5.1); `trim` would take more. */
function withoutBlanks(text: string, from: number, to: number): string {
  let begin = from;
  let end = to;
  while (begin < end && isBlank(text.charCodeAt(begin))) begin++;
  while (end > begin && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(begin, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
