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

/** A request that was checked and can be handed to undici. */
export type PreparedRequest = {
  origin: string;
  path: string;
  method: HttpRequest['method'];
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  timeoutMs: number;
  maxResponseBytes: number;
};

export type Preparation =
  | { ok: true; request: PreparedRequest }
  | { ok: false; reason: FailureReason; detail: string };

/**
 * Checks a request before anything of it moves.
 * Takes the request as a caller gave it, and the User-Agent for those that name none.
 * Gives it in the form undici wants, or why it can never be sent; the detail quotes neither the URL
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

  const headers: Record<string, string> = {};
  let named = false;
  for (const [name, value] of Object.entries(input.headers)) {
    const complaint = judgeHeader(name, value);
    if (complaint !== undefined) return refuse('bad_request', complaint);
    headers[name] = value;
    named ||= name.toLowerCase() === 'user-agent';
  }
  if (!named) headers['user-agent'] = userAgent;

  return {
    ok: true,
    request: {
      origin: url.origin,
      path: url.pathname + url.search,
      method: input.method,
      headers,
      body: input.body ?? null,
      timeoutMs: Math.min(input.timeoutMs, LONGEST_TIMEOUT_MS),
      maxResponseBytes: input.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    },
  };
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
