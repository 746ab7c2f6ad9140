/**
 * Every way in which the gateway says no, in one table. A dialect answers each code in its own words
 * through a total `Record<ErrorCode, …>`, so a new code does not compile until each has.
 *
 * `scope`: whom it concerns: the whole `request`, one `message` of it, or the `delivery` of a message
 * that had been accepted. `retryable`: the same thing may succeed later. `loggable`: the owner should
 * see it as a warning; the rest is the client's business and costs one line at debug level.
 */
const table = {
  invalid_json: { scope: 'request', retryable: false, loggable: false },
  invalid_request: { scope: 'request', retryable: false, loggable: false },
  too_many_messages: { scope: 'request', retryable: false, loggable: false },
  body_too_large: { scope: 'request', retryable: false, loggable: false },
  headers_too_large: { scope: 'request', retryable: false, loggable: false },
  body_incomplete: { scope: 'request', retryable: true, loggable: false },
  unsupported_media_type: { scope: 'request', retryable: false, loggable: false },
  unauthenticated: { scope: 'request', retryable: false, loggable: false },
  account_suspended: { scope: 'request', retryable: false, loggable: false },
  forbidden: { scope: 'request', retryable: false, loggable: false },
  not_found: { scope: 'request', retryable: false, loggable: false },
  method_not_allowed: { scope: 'request', retryable: false, loggable: false },
  too_many_concurrent: { scope: 'request', retryable: true, loggable: false },
  too_many_attempts: { scope: 'request', retryable: true, loggable: true },
  insufficient_credit: { scope: 'request', retryable: false, loggable: false },
  idempotency_conflict: { scope: 'request', retryable: false, loggable: false },
  too_many_endpoints: { scope: 'request', retryable: false, loggable: false },
  already_exists: { scope: 'request', retryable: false, loggable: false },
  not_cancellable: { scope: 'request', retryable: false, loggable: false },
  overloaded: { scope: 'request', retryable: true, loggable: true },
  storage_unavailable: { scope: 'request', retryable: true, loggable: true },
  internal: { scope: 'request', retryable: true, loggable: true },

  number_invalid: { scope: 'message', retryable: false, loggable: false },
  number_not_mobile: { scope: 'message', retryable: false, loggable: false },
  country_not_allowed: { scope: 'message', retryable: false, loggable: false },
  text_empty: { scope: 'message', retryable: false, loggable: false },
  text_too_long: { scope: 'message', retryable: false, loggable: false },
  text_not_gsm: { scope: 'message', retryable: false, loggable: false },
  too_many_parts: { scope: 'message', retryable: false, loggable: false },
  field_invalid: { scope: 'message', retryable: false, loggable: false },
  sender_not_allowed: { scope: 'message', retryable: false, loggable: false },
  recipient_opted_out: { scope: 'message', retryable: false, loggable: false },
  duplicate_message: { scope: 'message', retryable: false, loggable: false },
  schedule_invalid: { scope: 'message', retryable: false, loggable: false },
  no_route: { scope: 'message', retryable: false, loggable: true },

  link_unavailable: { scope: 'delivery', retryable: true, loggable: false },
  link_throttled: { scope: 'delivery', retryable: true, loggable: false },
  refused_by_link: { scope: 'delivery', retryable: false, loggable: false },
  retries_exhausted: { scope: 'delivery', retryable: false, loggable: false },
  undeliverable: { scope: 'delivery', retryable: false, loggable: false },
  rejected_by_network: { scope: 'delivery', retryable: false, loggable: false },
  validity_expired: { scope: 'delivery', retryable: false, loggable: false },
  answer_lost: { scope: 'delivery', retryable: false, loggable: true },
  receipt_overdue: { scope: 'delivery', retryable: false, loggable: false },
} as const satisfies Record<
  string,
  { scope: 'request' | 'message' | 'delivery'; retryable: boolean; loggable: boolean }
>;

export type ErrorCode = keyof typeof table;

type CodesOf<Scope> = {
  [C in ErrorCode]: (typeof table)[C]['scope'] extends Scope ? C : never;
}[ErrorCode];
export type RequestErrorCode = CodesOf<'request'>;
export type MessageErrorCode = CodesOf<'message'>;
export type DeliveryErrorCode = CodesOf<'delivery'>;

/** What is true of a code wherever it turns up. */
export function errorTraits(code: ErrorCode): { retryable: boolean; loggable: boolean } {
  return table[code];
}

/**
 * A refusal that ends a request. `detail` is a plain sentence about what was wrong, safe to show to
 * the client: it never holds a secret, an address of ours, or another account's data.
 */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: RequestErrorCode;
  readonly detail: string;
  /** Where in the request: `messages[3].to`. */
  readonly field: string | undefined;
  /** Where a request has several: each with its place. `field` and `detail` are those of the first. */
  readonly faults: readonly Fault[] | undefined;
  /** For the retryable ones: how long the client should wait. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: RequestErrorCode,
    detail: string,
    more: {
      field?: string | undefined;
      faults?: readonly Fault[];
      retryAfterMs?: number;
      cause?: unknown;
    } = {},
  ) {
    super(`${code}: ${detail}`, { cause: more.cause });
    this.code = code;
    this.detail = detail;
    this.field = more.field;
    this.faults = more.faults;
    this.retryAfterMs = more.retryAfterMs;
  }
}

/** What is wrong at one place of a request. */
export interface Fault {
  field: string;
  detail: string;
}

/** A refusal that concerns one message of a submission; the others go on. */
export interface MessageError {
  /** For want of credit a whole request is refused, unless what is refused is to be kept. */
  code: MessageErrorCode | 'insufficient_credit';
  detail: string;
}

/** For a `switch` or chain that must have named every case. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
