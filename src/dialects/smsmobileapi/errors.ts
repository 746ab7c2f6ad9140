import type { ErrorCode, GatewayError, MessageError } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';
import type { ErrorStyle } from './settings.ts';

/**
 * How one of the core's errors sounds here: the status of an answer that consists of it, and what stands in `error`.
 * `text: null` is the core's own sentence, which names what was wrong; `error: null` is that text. The numbers are those
 * that clients look for (reference B.4): 1 the key is not good, 2 no phone.
 */
export interface WireError {
  http: number;
  error: number | null;
  text: string | null;
}

const request = (http: number, error: number | null = null): WireError => ({
  http,
  error,
  text: null,
});
const message = (text: string | null = null): WireError => ({ http: 200, error: null, text });

export const wireErrors: Record<ErrorCode, WireError> = {
  invalid_json: request(400),
  invalid_request: request(400),
  too_many_messages: request(400),
  body_too_large: request(413),
  headers_too_large: request(431),
  body_incomplete: request(400),
  unsupported_media_type: request(415),
  unauthenticated: request(403, 1),
  account_suspended: request(403, 1),
  forbidden: request(403, 1),
  not_found: request(404),
  method_not_allowed: request(405),
  too_many_concurrent: request(429),
  too_many_attempts: request(429),
  insufficient_credit: message(),
  idempotency_conflict: request(400),
  too_many_endpoints: request(400),
  already_exists: request(400),
  not_cancellable: request(400),
  overloaded: request(503),
  storage_unavailable: request(503),
  internal: request(500),

  number_invalid: message(),
  number_not_mobile: message(),
  country_not_allowed: message(),
  text_empty: message(),
  text_too_long: message(),
  text_not_gsm: message(),
  too_many_parts: message(),
  field_invalid: message(),
  sender_not_allowed: message(),
  recipient_opted_out: message('The recipient has unsubscribed.'),
  duplicate_message: message(),
  schedule_invalid: message(),
  no_route: { http: 200, error: 2, text: 'No phone is there to send the message.' },

  // What befell a message after it was accepted: `send_from_mobile_erreur` of the log.
  link_unavailable: message('No phone could be reached.'),
  link_throttled: message('The phone is busy.'),
  refused_by_link: message('The phone refused the message.'),
  retries_exhausted: message('No phone could be reached.'),
  undeliverable: message('The message could not be delivered.'),
  rejected_by_network: message('The network rejected the message.'),
  validity_expired: message('The message could not be sent in time.'),
  answer_lost: message('It is not known whether the message was sent.'),
  receipt_overdue: message('It is not known whether the message was delivered.'),
};

/** The words for what is wrong with one message. */
export function wordsOf(error: MessageError): string {
  return wireErrors[error.code].text ?? error.detail;
}

/**
 * The shapes in which an endpoint refuses (reference B.3 and B.4): `result` within its wrapper, `success` beside
 * `success: false`, `plain` without either, `oauth` as RFC 6749 section 5.2 has it.
 */
export type Family = Shape | 'oauth';
/** Of all but the access tokens. */
export type Shape = 'result' | 'success' | 'plain';

const contentType = 'application/json; charset=utf-8';

/**
 * A request that is refused. In every shape but OAuth's there are `error` and `message` (reference B.4), and beside them
 * what clients of that endpoint look at.
 */
export function refusalOf(
  error: GatewayError,
  family: Family = 'result',
  style: ErrorStyle = 'documented',
): Refusal {
  const { http, error: number, text } = wireErrors[error.code];
  const words = text ?? error.detail;
  if (family === 'oauth') return oauthRefusal(error, words);
  const code = number ?? words;
  const status = style === 'observed' && http < 404 ? 200 : http;
  return {
    // Without it no client would fetch another one.
    status: error.field === bearer ? 401 : status,
    contentType,
    body: JSON.stringify(bodyOf(family, code, words)),
    ...(error.field === bearer && {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    }),
  };
}

/** As the `field` of an error: what was wrong is the access token, so its client fetches another one. */
export const bearer = 'Authorization';

function bodyOf(family: Shape, code: string | number, words: string): object {
  switch (family) {
    case 'result':
      return { result: { error: code, sent: 'no' }, error: code, message: words };
    case 'success':
      return { success: false, error: words };
    case 'plain':
      return { error: String(code), message: words };
  }
}

/** RFC 6749 section 5.2. */
function oauthRefusal(error: GatewayError, words: string): Refusal {
  const { http } = wireErrors[error.code];
  const refused = (status: number, code: string): Refusal => ({
    status,
    contentType,
    body: JSON.stringify({ error: code, error_description: words }),
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  });
  if (error.code === 'unauthenticated' || error.code === 'account_suspended') {
    const { headers, ...refusal } = refused(401, 'invalid_client');
    return { ...refusal, headers: { ...headers, 'www-authenticate': 'Basic realm="oauth2"' } };
  }
  if (error.field === otherGrant) {
    return refused(400, 'unsupported_grant_type');
  }
  if (http >= 429) return refused(http, 'temporarily_unavailable');
  return refused(http, 'invalid_request');
}

/** As the `field` of an error: a grant was asked for that there is not. */
export const otherGrant = 'grant';
