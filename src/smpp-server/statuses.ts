import type { ErrorCode } from '../core/errors.ts';
import { statuses } from '../smpp/codec/statuses.ts';

/**
 * Statuses of our own, in the range that SMPP 3.4 leaves to vendors (table 5-2: 0x400 to 0x4ff). Clients that
 * do not know a status take the message for refused for good (Kannel, Jasmin), which is right for all
 * of these: none of them goes away by trying again.
 */
export const ownStatuses = {
  NO_CREDIT: 0x400,
  OPTED_OUT: 0x401,
  REPEATED: 0x402,
} as const;

/** How SMPP says each error of the core. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  invalid_json: statuses.ESME_RSYSERR,
  invalid_request: statuses.ESME_RSUBMITFAIL,
  too_many_messages: statuses.ESME_RINVNUMDESTS,
  body_too_large: statuses.ESME_RINVMSGLEN,
  headers_too_large: statuses.ESME_RSYSERR,
  body_incomplete: statuses.ESME_RSYSERR,
  unsupported_media_type: statuses.ESME_RSYSERR,
  unauthenticated: statuses.ESME_RINVPASWD,
  account_suspended: statuses.ESME_RSUBMITFAIL,
  forbidden: statuses.ESME_RSUBMITFAIL,
  not_found: statuses.ESME_RINVMSGID,
  method_not_allowed: statuses.ESME_RINVCMDID,
  too_many_concurrent: statuses.ESME_RTHROTTLED,
  too_many_attempts: statuses.ESME_RTHROTTLED,
  insufficient_credit: ownStatuses.NO_CREDIT,
  idempotency_conflict: statuses.ESME_RSUBMITFAIL,
  too_many_endpoints: statuses.ESME_RSUBMITFAIL,
  already_exists: statuses.ESME_RSUBMITFAIL,
  not_cancellable: statuses.ESME_RCANCELFAIL,
  overloaded: statuses.ESME_RMSGQFUL,
  storage_unavailable: statuses.ESME_RSYSERR,
  internal: statuses.ESME_RSYSERR,

  number_invalid: statuses.ESME_RINVDSTADR,
  number_not_mobile: statuses.ESME_RINVDSTADR,
  country_not_allowed: statuses.ESME_RINVDSTADR,
  text_empty: statuses.ESME_RINVMSGLEN,
  text_too_long: statuses.ESME_RINVMSGLEN,
  text_not_gsm: statuses.ESME_RINVDCS,
  too_many_parts: statuses.ESME_RINVMSGLEN,
  field_invalid: statuses.ESME_RSUBMITFAIL,
  sender_not_allowed: statuses.ESME_RINVSRCADR,
  recipient_opted_out: ownStatuses.OPTED_OUT,
  duplicate_message: ownStatuses.REPEATED,
  schedule_invalid: statuses.ESME_RINVSCHED,
  no_route: statuses.ESME_RSUBMITFAIL,

  link_unavailable: statuses.ESME_RSUBMITFAIL,
  link_throttled: statuses.ESME_RTHROTTLED,
  refused_by_link: statuses.ESME_RSUBMITFAIL,
  retries_exhausted: statuses.ESME_RSUBMITFAIL,
  undeliverable: statuses.ESME_RSUBMITFAIL,
  rejected_by_network: statuses.ESME_RSUBMITFAIL,
  validity_expired: statuses.ESME_RINVEXPIRY,
  answer_lost: statuses.ESME_RSUBMITFAIL,
  receipt_overdue: statuses.ESME_RSUBMITFAIL,
};

/**
 * What `err:` of a receipt and `error_code` of query_sm_resp say where the network said nothing that is a
 * number: an octet, from 200 on so as not to be taken for one of the network's.
 */
export function errorNumber(code: ErrorCode | null): number {
  if (code === null) return 0;
  const at = errorNumbers.indexOf(code);
  return at < 0 ? 255 : 200 + at;
}

/** In this order for good: clients write these numbers down. */
const errorNumbers: readonly ErrorCode[] = [
  'undeliverable',
  'rejected_by_network',
  'refused_by_link',
  'retries_exhausted',
  'validity_expired',
  'answer_lost',
  'receipt_overdue',
  'link_unavailable',
  'link_throttled',
  'recipient_opted_out',
  'insufficient_credit',
  'duplicate_message',
];
