import type { ErrorCode, GatewayError, RequestErrorCode } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';

/** How one of the core's errors sounds here: `{"message":"…"}`. `text: null` is the sentence of who found it out. */
interface WireError {
  http: number;
  text: string | null;
}

const wire = (http: number, text: string | null = null): WireError => ({ http, text });

/** The words are the reference server's where it is known to have some. */
const wireErrors: Record<RequestErrorCode, WireError> = {
  invalid_json: wire(400),
  invalid_request: wire(400),
  body_incomplete: wire(400),
  too_many_messages: wire(400),
  too_many_endpoints: wire(400),
  unauthenticated: wire(401, 'Unauthorized'),
  account_suspended: wire(403),
  forbidden: wire(403),
  insufficient_credit: wire(403),
  not_found: wire(404),
  method_not_allowed: wire(405),
  already_exists: wire(409),
  idempotency_conflict: wire(409),
  not_cancellable: wire(409),
  body_too_large: wire(413),
  unsupported_media_type: wire(415),
  too_many_concurrent: wire(429),
  too_many_attempts: wire(429),
  headers_too_large: wire(431),
  internal: wire(500, 'Internal Server Error'),
  overloaded: wire(503),
  storage_unavailable: wire(503),
};

export function refusalOf(error: GatewayError): Refusal {
  const { http, text } = wireErrors[error.code];
  return {
    status: http,
    contentType: 'application/json',
    body: JSON.stringify({ message: text ?? error.detail }),
    ...(error.code === 'unauthenticated' && {
      headers: { 'www-authenticate': 'Basic realm="SMSGate", charset="UTF-8"' },
    }),
  };
}

type Reason = Exclude<ErrorCode, Exclude<RequestErrorCode, 'insufficient_credit'>>;

/** Why a recipient is `Failed`, where the network or the phone has left no words of its own. */
const reasons: Record<Reason, string> = {
  number_invalid: 'invalid phone number',
  number_not_mobile: 'not mobile phone number',
  country_not_allowed: 'country not allowed',
  text_empty: 'no text content',
  text_too_long: 'text too long',
  text_not_gsm: 'text not in GSM alphabet',
  too_many_parts: 'text too long',
  field_invalid: 'invalid field',
  sender_not_allowed: 'sender not allowed',
  recipient_opted_out: 'recipient has opted out',
  duplicate_message: 'duplicate message',
  schedule_invalid: 'invalid schedule',
  no_route: 'no route to this number',
  insufficient_credit: 'insufficient credit',
  link_unavailable: 'no way out',
  link_throttled: 'no way out',
  refused_by_link: 'refused by network',
  retries_exhausted: 'no way out',
  undeliverable: 'undeliverable',
  rejected_by_network: 'rejected by network',
  // As the app has it (reference §4).
  validity_expired: 'TTL expired',
  answer_lost: 'unknown result',
  receipt_overdue: 'no delivery report',
};

/** Of these the detail is for the owner, or says no more. */
const oursAlone: ReadonlySet<ErrorCode> = new Set([
  'link_unavailable',
  'link_throttled',
  'retries_exhausted',
  'answer_lost',
  'receipt_overdue',
  'validity_expired',
]);

/** What is told of a recipient that failed: the words of who refused it, a phone's among them. */
export function reasonOf({
  error,
  errorDetail,
}: {
  error: ErrorCode | null;
  errorDetail?: string | null;
}): string {
  if (error === null) return 'failed';
  const usual = error in reasons ? reasons[error as Reason] : 'failed';
  return oursAlone.has(error) ? usual : (errorDetail ?? usual);
}
