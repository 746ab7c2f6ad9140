import type { GatewayError, RequestErrorCode } from '../../core/errors.ts';
import type { Refusal } from '../dialect.ts';

/** How one of the core's errors sounds here. `text: null` is the sentence of who found it out. */
interface WireError {
  http: number;
  text: string | null;
}

const wire = (http: number, text: string | null = null): WireError => ({ http, text });

const wireErrors: Record<RequestErrorCode, WireError> = {
  invalid_json: wire(400),
  body_incomplete: wire(400),
  unauthenticated: wire(401, 'Unauthenticated.'),
  account_suspended: wire(403),
  forbidden: wire(403),
  // "Insufficient balance" is one of the seed's examples of the 4xx range; messages without credit are no refusals.
  insufficient_credit: wire(403),
  not_found: wire(404),
  method_not_allowed: wire(405),
  already_exists: wire(409),
  idempotency_conflict: wire(409),
  not_cancellable: wire(409),
  body_too_large: wire(413),
  unsupported_media_type: wire(415),
  invalid_request: wire(422),
  too_many_messages: wire(422),
  too_many_endpoints: wire(422),
  too_many_concurrent: wire(429),
  too_many_attempts: wire(429, 'Too Many Attempts.'),
  headers_too_large: wire(431),
  internal: wire(500, 'Server Error'),
  overloaded: wire(503),
  storage_unavailable: wire(503),
};

/**
 * `errors` by field where there are any. What is wrong with fields has an empty list as `data`: the vendor's page on
 * creating senders prints it so (`v2/sms/senders/create.md`), and nothing else that he prints does (reference C.6).
 */
export function refusalOf(error: GatewayError): Refusal {
  const { http, text } = wireErrors[error.code];
  const message = text ?? error.detail;
  const faults = error.faults ?? (error.field ? [{ field: error.field, detail: message }] : []);
  const errors = new Map<string, string[]>();
  for (const { field, detail } of faults) errors.set(field, [...(errors.get(field) ?? []), detail]);
  return {
    status: http,
    contentType: 'application/json',
    body: JSON.stringify({
      status: 'ERROR',
      code: http,
      message,
      ...(errors.size > 0 && { errors: Object.fromEntries(errors) }),
      ...(http === 422 && { data: [] }),
    }),
    ...(error.code === 'unauthenticated' && { headers: { 'www-authenticate': 'Bearer' } }),
  };
}

/** What somebody is told there who was sent to log in. */
export const loginPage: Refusal = {
  status: 401,
  contentType: 'text/html; charset=utf-8',
  body:
    '<!DOCTYPE html>\n<html lang="en">\n<title>Log in</title>\n<p>Your request had no token, or one that is not good. ' +
    'Send that of your account as <code>Authorization: Bearer</code>, and <code>Accept: application/json</code> to be ' +
    'answered in JSON.</p>\n</html>\n',
  headers: { 'www-authenticate': 'Bearer' },
};

/**
 * Sends somebody there who did not log in and does not say that he reads JSON: Laravel takes him for a browser
 * (reference C.2).
 * @param root where this API is, without a slash at the end.
 */
export function toLogin(root: string): Refusal {
  const { contentType, body } = loginPage;
  return { status: 302, contentType, body, headers: { location: `${root}/login` } };
}

/** Does a request say that it reads JSON? As Laravel asks: by its own type or as a script of a page. */
export function wantsJson({
  accept,
  'x-requested-with': by,
}: Readonly<Record<string, unknown>>): boolean {
  const [first = ''] = typeof accept === 'string' ? accept.split(',') : [];
  return /[/+]json/i.test(first) || by === 'XMLHttpRequest';
}
