import type { ErrorCode, GatewayError, MessageError } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';

/**
 * How one of the core's errors sounds here: the status of an answer that consists of it, and what it
 * makes of a message when it concerns one message in an answer of 200. `text: null` is the core's own
 * sentence, which names the field or value that was wrong.
 */
export interface WireError {
  http: number;
  result: 'error' | 'blocked';
  text: string | null;
}

const request = (http: number, text: string | null = null): WireError => ({
  http,
  result: 'error',
  text,
});
const message = (text: string | null = null): WireError => ({ http: 400, result: 'error', text });

/** Texts in quotes are the vendor's own (seed; reference A.3 and A.5); the rest is ours. */
export const wireErrors: Record<ErrorCode, WireError> = {
  invalid_json: request(400),
  invalid_request: request(400),
  too_many_messages: request(400),
  body_too_large: request(413),
  headers_too_large: request(431),
  body_incomplete: request(400),
  unsupported_media_type: request(415),
  unauthenticated: request(401, 'Unauthorized'),
  account_suspended: request(403),
  forbidden: request(403),
  not_found: request(404),
  method_not_allowed: request(405),
  too_many_concurrent: request(429, 'Too many concurrent requests. Please wait.'),
  too_many_attempts: request(429),
  insufficient_credit: request(403, 'Insufficient credits to send the batch of messages.'),
  idempotency_conflict: request(422),
  too_many_endpoints: request(400),
  already_exists: request(409),
  // Reference A.5: 403 is also "operation not allowed".
  not_cancellable: request(403),
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
  sender_not_allowed: message('Invalid sender. You do not have permission to use this sender.'),
  recipient_opted_out: { http: 403, result: 'blocked', text: 'Recipient has unsubscribed' },
  duplicate_message: message(),
  schedule_invalid: message(),
  no_route: message(),

  // What befell a message after it was accepted: shown when it is looked up (edition 2026).
  link_unavailable: message('The network could not be reached.'),
  link_throttled: message('The network is busy.'),
  refused_by_link: message('The network refused the message.'),
  retries_exhausted: message('The network could not be reached.'),
  undeliverable: message('The message could not be delivered.'),
  rejected_by_network: message('The network rejected the message.'),
  validity_expired: message('The message could not be delivered in time.'),
  answer_lost: message('It is not known whether the message was delivered.'),
  receipt_overdue: message('It is not known whether the message was delivered.'),
};

/** The words for what is wrong with one message. */
export function wordsOf(error: MessageError): string {
  return wireErrors[error.code].text ?? error.detail;
}

/**
 * `{"error": "…"}` (seed); with status 400 also `"message"`, where the PHP client looks for it
 * (reference A.5).
 */
export function refusalOf(error: GatewayError): Refusal {
  const { http, text } = wireErrors[error.code];
  const words = text ?? error.detail;
  return {
    status: http,
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify(http === 400 ? { error: words, message: words } : { error: words }),
    ...(error.code === 'unauthenticated' && {
      headers: { 'www-authenticate': 'Basic realm="Mobile Message", charset="UTF-8"' },
    }),
  };
}
