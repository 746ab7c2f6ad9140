import type { FailureReason, HttpRequest } from './http-answer.ts';

const DEFAULT_MAX_RESPONSE_BYTES = 20_000;

/** Above this, setTimeout fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** RFC 9110 §5.5; anything else, above all CR and LF, could forge a header or a whole request. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * What frames the message or names its target is the client's own to set: a foreign Host would
 * also change the name TLS asks for, a foreign Content-Length desynchronises the connection.
 */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A request that was checked and can be sent. */
export type PreparedRequest = {
  origin: string;
  /** As it goes onto the wire. */
  bytes: Buffer;
  timeoutMs: number;
  maxResponseBytes: number;
  binary: boolean;
};

export type Preparation =
  | { ok: true; request: PreparedRequest }
  | { ok: false; reason: FailureReason; detail: string };

/**
 * Checks a request before anything of it moves.
 * Takes the request as a caller gave it, and the User-Agent for those that name none.
 * Gives its bytes, or why it can never be sent; the detail quotes neither the URL
 * nor a header's value, since both carry secrets. Never throws.
 */
export function prepareRequest(input: HttpRequest, userAgent: string): Preparation {
  const url = URL.parse(input.url);
  if (url === null) return refuse('bad_url', 'not an absolute URL');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return refuse('bad_url', 'only http: and https: are spoken');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('bad_url', 'a URL must not carry a user name or password; use a header');
  }

  let head = `${input.method} ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${url.host}\r\nconnection: keep-alive\r\n`;
  let named = false;
  for (const [name, value] of Object.entries(input.headers)) {
    const complaint = judgeHeader(name, value);
    if (complaint !== undefined) return refuse('bad_request', complaint);
    head += `${name}: ${value}\r\n`;
    named ||= name.toLowerCase() === 'user-agent';
  }
  if (!named) head += `user-agent: ${userAgent}\r\n`;

  return {
    ok: true,
    request: {
      origin: url.origin,
      bytes: bytesOf(head, input),
      timeoutMs: Math.min(input.timeoutMs, LONGEST_TIMEOUT_MS),
      maxResponseBytes: input.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      binary: input.binary ?? false,
    },
  };
}

/** RFC 9110 §8.6: a method that usually has a body says so when it has none. */
function bytesOf(head: string, { method, body }: HttpRequest): Buffer {
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  const sized = length > 0 || (method !== 'GET' && method !== 'DELETE');
  const start = sized ? `${head}content-length: ${length}\r\n\r\n` : `${head}\r\n`;
  const bytes = Buffer.allocUnsafe(start.length + length);
  // Headers may have characters above ASCII, one byte each.
  bytes.write(start, 'latin1');
  if (typeof body === 'string') bytes.write(body, start.length, 'utf8');
  else if (body !== undefined) bytes.set(body, start.length);
  return bytes;
}

/** Says what is wrong with a header, or undefined when nothing is. */
export function judgeHeader(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return `${JSON.stringify(name.slice(0, 40))} is not a header name`;
  if (OWN_HEADERS.has(name.toLowerCase())) return `header ${name} is set by the client itself`;
  if (typeof value !== 'string' || !FIELD_VALUE.test(value)) {
    return `header ${name} has a character that must not be in a header`;
  }
  return undefined;
}

function refuse(reason: FailureReason, detail: string): Preparation {
  return { ok: false, reason, detail };
}
