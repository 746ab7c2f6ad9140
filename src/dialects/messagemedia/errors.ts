import type { GatewayError, RequestErrorCode } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';
import type { Family } from './call.ts';

/**
 * How one of the core's errors sounds here (reference §3). `fault`: with the family's sentence, and what is wrong
 * as `details`. Else `{"message":"…"}` alone; `text: null` is the sentence of who found it out.
 */
interface WireError {
  http: number;
  fault?: true;
  text: string | null;
}

const fault = (text: string | null = null): WireError => ({ http: 400, fault: true, text });
const plain = (http: number, text: string | null = null): WireError => ({ http, text });

/** For a body that is no JSON, or no object. */
const unreadable = 'Failed to parse message body.';

/** What becomes of messages after they were accepted is in `statuses.ts`. */
export const wireErrors: Record<RequestErrorCode, WireError> = {
  invalid_json: fault(unreadable),
  body_incomplete: fault(unreadable),
  invalid_request: fault(),
  too_many_messages: fault(),
  too_many_endpoints: plain(400),
  not_cancellable: plain(400, 'Message is not currently scheduled'),
  unauthenticated: plain(401, 'Invalid authentication credentials'),
  account_suspended: plain(403),
  forbidden: plain(403),
  insufficient_credit: plain(403),
  not_found: plain(404),
  method_not_allowed: plain(405),
  already_exists: plain(409),
  body_too_large: plain(413),
  unsupported_media_type: plain(415),
  idempotency_conflict: plain(422),
  // The vendor's description had this sentence for a while (reference §2).
  too_many_concurrent: plain(429, 'Too many requests. Please retry later.'),
  too_many_attempts: plain(429, 'Too many requests. Please retry later.'),
  headers_too_large: plain(431),
  overloaded: plain(503),
  storage_unavailable: plain(503),
  internal: plain(500, 'Something went wrong. Please try again later.'),
};

const faultSentences: Record<Family, string> = {
  messages: 'Request failed to parse correctly. Please ensure input is valid and try again.',
  management: 'Bad Request',
};

/** @param family of the endpoint; of a request that reached none, that of messages. */
export function refusalOf(error: GatewayError, family: Family = 'messages'): Refusal {
  const { http, fault: isFault, text } = wireErrors[error.code];
  const body = isFault
    ? { message: faultSentences[family], details: text === null ? detailsOf(error) : [text] }
    : { message: text ?? error.detail };
  return {
    status: http,
    contentType: 'application/json',
    // Live tests of the vendor's SDKs compare this one to the byte (reference §1.15).
    body: JSON.stringify(body) + (error.field === accountHeader ? '\n' : ''),
    ...(error.code === 'unauthenticated' && {
      headers: { 'www-authenticate': 'Basic realm="MessageMedia", charset="UTF-8"' },
    }),
  };
}

/** The header by which a request is made for a sub-account. */
export const accountHeader = 'Account';

/** `<JSON pointer>: <text>[, <text>…]`, one for each field. */
function detailsOf({ faults, detail }: GatewayError): string[] {
  if (!faults) return [detail];
  const byField = new Map<string, string[]>();
  for (const { field, detail: text } of faults) {
    const known = byField.get(field);
    if (known) known.push(text);
    else byField.set(field, [text]);
  }
  return [...byField].map(([field, texts]) =>
    field === '' ? texts.join(', ') : `${field}: ${texts.join(', ')}`,
  );
}
