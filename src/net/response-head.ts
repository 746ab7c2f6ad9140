import { ProtocolError } from './protocol-error.ts';
import { type Body, ChunkedBody, EndlessBody, SizedBody } from './response-body.ts';

/** The status line and the header lines of a response. */
export interface ResponseHead {
  status: number;
  /** Names in lower case; a header that came more than once is joined by `, `. */
  headers: Record<string, string>;
  /** How its body is to be read. */
  body: Body;
  /** Does the connection stay open after it? */
  persistent: boolean;
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/;
/** RFC 9110 §5.6.2. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Fifteen digits are a safe integer. */
const LENGTH = /^\d{1,15}$/;

/**
 * Reads the head of a response (RFC 9112), without the blank line after it. It is strict: what two programs
 * could read differently (a line that ends in LF alone, a folded line, a length beside chunks) is refused.
 * @returns undefined for 1xx, which comes before the response and is none.
 * @throws ProtocolError
 */
export function readHead(text: string): ResponseHead | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, code] = STATUS_LINE.exec(first) ?? [];
  if (code === undefined) throw new ProtocolError('the response has no status line');
  const fields = new Map<string, string>();
  for (const line of lines) addField(fields, line);
  const status = Number(code);
  // Nobody asked for another protocol.
  if (status === 101) throw new ProtocolError('the response changes the protocol');
  if (status < 200) return undefined;
  return {
    status,
    headers: Object.fromEntries(fields),
    body: bodyOf(status, fields),
    persistent: isPersistent(fields.get('connection'), minor === '1'),
  };
}

function addField(fields: Map<string, string>, line: string): void {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).toLowerCase();
  if (!NAME.test(name) || /[\0\r\n]/.test(line)) {
    throw new ProtocolError('the response has a line that is no header');
  }
  const value = withoutSpaces(line, colon + 1);
  const before = fields.get(name);
  fields.set(name, before === undefined ? value : `${before}, ${value}`);
}

/** By hand: a pattern for spaces at the end looks at each of many spaces in between again and again. */
function withoutSpaces(text: string, start: number): string {
  const isSpace = (at: number) => text[at] === ' ' || text[at] === '\t';
  let from = start;
  let until = text.length;
  while (from < until && isSpace(from)) from++;
  while (from < until && isSpace(until - 1)) until--;
  return text.slice(from, until);
}

function bodyOf(status: number, fields: ReadonlyMap<string, string>): Body {
  if (status === 204 || status === 304) return new SizedBody(0);
  const coding = fields.get('transfer-encoding');
  const length = fields.get('content-length');
  if (coding !== undefined) {
    if (length !== undefined) throw new ProtocolError('the response has a length and a coding');
    return /(?:^|,)[ \t]*chunked$/i.test(coding) ? new ChunkedBody() : new EndlessBody();
  }
  if (length === undefined) return new EndlessBody();
  // The same length twice is a length.
  const [one = '', ...others] = length.split(', ');
  if (!LENGTH.test(one) || others.some((other) => other !== one)) {
    throw new ProtocolError('the length of the response is no number');
  }
  return new SizedBody(Number(one));
}

function isPersistent(connection: string | undefined, byDefault: boolean): boolean {
  if (connection === undefined) return byDefault;
  const wishes = connection.toLowerCase().split(/[ \t]*,[ \t]*/);
  return byDefault ? !wishes.includes('close') : wishes.includes('keep-alive');
}
