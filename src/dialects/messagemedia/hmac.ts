import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** What an `Authorization: hmac …` header says (reference §2.2). */
export interface HmacLogin {
  /** The API key. */
  username: string;
  algorithm: 'sha1' | 'sha256';
  /** What is signed, in the client's order and spelling. */
  headers: readonly string[];
  /** Base64, as it was sent. */
  signature: string;
}

/** Of a request, what a signature may cover. */
export interface SignedRequest {
  method: string;
  /** The request target as it came, and as clients sign it that do not know where we are mounted. */
  targets: readonly string[];
  /** The value of a header, by its name in any case. */
  header(name: string): string | undefined;
  hasBody: boolean;
}

const longest = 2048;
const mostHeaders = 16;
const algorithms = new Map<string, HmacLogin['algorithm']>([
  ['hmac-sha1', 'sha1'],
  ['hmac-sha256', 'sha256'],
]);
/** One `name="value"`; quotes may be missing. */
const parameter = /\s*([a-z-]+)\s*=\s*(?:"([^"]*)"|([^\s",]+))\s*(?:,|$)/iy;

/**
 * Reads an `Authorization` header of the scheme `hmac`: `username`, `algorithm`, `headers` and `signature` in any
 * order, with or without spaces round `=` (the vendor's own sample has them). Undefined for another scheme, an
 * unknown algorithm, and whatever is not whole or says a thing twice.
 */
export function parseHmac(authorization: string | undefined): HmacLogin | undefined {
  if (authorization === undefined || authorization.length > longest) return undefined;
  const scheme = /^hmac\s/i.exec(authorization)?.[0];
  if (scheme === undefined) return undefined;
  const said = readParameters(authorization, scheme.length);
  const username = said?.get('username');
  const algorithm = algorithms.get(said?.get('algorithm')?.toLowerCase() ?? '');
  const signature = said?.get('signature');
  const headers = said?.get('headers')?.trim().split(/\s+/) ?? [];
  if (!username || !algorithm || !signature || headers.length > mostHeaders) return undefined;
  return { username, algorithm, headers, signature };
}

function readParameters(text: string, from: number): Map<string, string> | undefined {
  const said = new Map<string, string>();
  let at = from;
  while (at < text.length) {
    parameter.lastIndex = at;
    const found = parameter.exec(text);
    const name = found?.[1]?.toLowerCase();
    if (!found || name === undefined || said.has(name)) return undefined;
    said.set(name, found[2] ?? found[3] ?? '');
    at = parameter.lastIndex;
  }
  return said;
}

/**
 * Has the holder of the secret signed this request? The request line and the date must be among what is signed,
 * as with every client of the reference's table: without the one a signature that somebody has read would open
 * any other endpoint, without the other it would be good for ever.
 *
 * The signed line need not be ours: the vendor's six SDKs sign `POST` for whatever has a body and `GET` for the
 * rest, and the bare path wherever the server is mounted; the one for Java loses the path's first slash when its
 * base URL ends in one. So a signature for a `POST` is also good for a `PUT` of the same path and body, and one
 * for a `GET` for a `DELETE` of the same path, as long as its date is: that is the price of these SDKs.
 */
export function signs(login: HmacLogin, request: SignedRequest, secret: string): boolean {
  const names = login.headers.map((name) => name.toLowerCase());
  if (!names.includes('request-line') || !names.includes('date')) return false;
  const methods = new Set([request.method, request.hasBody ? 'POST' : 'GET']);
  const targets = new Set(request.targets.flatMap((target) => [target, target.replace(/^\//, '')]));
  for (const method of methods) {
    for (const target of targets) {
      const text = stringToSign(login, request, `${method} ${target} HTTP/1.1`);
      if (text !== undefined && isSignature(login, text, secret)) return true;
    }
  }
  return false;
}

/** Undefined when a header that should be signed was not sent. */
function stringToSign(
  { headers }: HmacLogin,
  request: SignedRequest,
  requestLine: string,
): string | undefined {
  const lines: string[] = [];
  for (const name of headers) {
    if (name.toLowerCase() === 'request-line') {
      lines.push(requestLine);
      continue;
    }
    const value = request.header(name);
    if (value === undefined) return undefined;
    lines.push(`${name}: ${value}`);
  }
  return lines.join('\n');
}

function isSignature({ algorithm, signature }: HmacLogin, text: string, secret: string): boolean {
  const expected = createHmac(algorithm, secret).update(text).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const digestNames = new Set(['content-md5', 'x-content-md5']);

/**
 * The header by which this signature covers the body, as the client spells it; undefined when it does not (the
 * older Java client signs none).
 */
export function bodyDigestHeader({ headers }: HmacLogin): string | undefined {
  return headers.find((name) => digestNames.has(name.toLowerCase()));
}

/**
 * Is this the MD5 of the body, in hex of any case? The SDK for C# takes it of the text in ASCII, where each
 * UTF-16 unit that is none has become a question mark, and sends the text as UTF-8.
 */
export function bodyDigestOk(digest: string, body: Uint8Array): boolean {
  const wanted = digest.trim().toLowerCase();
  if (md5(body) === wanted) return true;
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return md5(text.replace(/[^\0-\x7f]/g, '?')) === wanted;
}

function md5(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}

const httpDate =
  /^(?:[a-z]{3}, ?)?(\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}:\d{2})(?: (?:GMT|UTC|[+-]0000))?$/i;

/**
 * Does a `Date` header (RFC 9110 section 5.6.7, IMF-fixdate) lie within so many milliseconds of now? False
 * where there is none, or what cannot be read.
 */
export function isTimely(date: string | undefined, now: number, toleranceMs: number): boolean {
  const text = date === undefined ? undefined : httpDate.exec(date)?.[1];
  // Not a number stays out of every range.
  return text !== undefined && Math.abs(Date.parse(`${text} GMT`) - now) <= toleranceMs;
}
