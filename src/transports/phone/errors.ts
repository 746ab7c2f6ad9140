import type { GatewayError, RequestErrorCode } from '../../core/errors.ts';
import type { Refusal } from '../../dialects/dialect.ts';

/** The app reads the status alone; its log shows the sentence. */
const statuses: Record<RequestErrorCode, number> = {
  invalid_json: 400,
  invalid_request: 400,
  too_many_messages: 400,
  body_too_large: 413,
  headers_too_large: 431,
  body_incomplete: 400,
  unsupported_media_type: 415,
  unauthenticated: 401,
  account_suspended: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_many_concurrent: 429,
  too_many_attempts: 429,
  insufficient_credit: 403,
  idempotency_conflict: 409,
  too_many_endpoints: 400,
  already_exists: 409,
  not_cancellable: 409,
  overloaded: 503,
  storage_unavailable: 503,
  internal: 500,
};

export function refusalOf(error: GatewayError): Refusal {
  return {
    status: statuses[error.code],
    contentType: 'application/json; charset=utf-8',
    body: JSON.stringify({ message: error.detail }),
  };
}
