import type { ErrorCode } from '../../core/errors.ts';
import type { Message } from '../../core/messages/message.ts';
import type { MessageStatus } from '../../core/messages/status.ts';

/** Of the documented statuses (reference C.7) those that a message can have here. */
export type WireStatus =
  | 'AWAITING-DLR'
  | 'DELIVRD'
  | 'EXPIRED'
  | 'UNDELIV'
  | 'NO-CREDITS'
  | 'NO-ACCOUNT'
  | 'INV-NUMBER'
  | 'INV-TEMPLATE'
  | 'INV-SENDER'
  | 'OPTOUT-REJ'
  | 'NOTALLOWED'
  | 'DUPLICATE'
  | 'THROTTLED'
  | 'REJ-MULTIPART'
  | 'INV-PROVISION'
  | 'INV-SCHEDULE'
  | 'TIMEOUT-DLR'
  | 'NET-ERR'
  | 'FAILED';

/** Of a message on its way, or of one that ended with no word of why. */
const states: Record<MessageStatus, WireStatus> = {
  scheduled: 'AWAITING-DLR',
  queued: 'AWAITING-DLR',
  sending: 'AWAITING-DLR',
  sent: 'AWAITING-DLR',
  delivered: 'DELIVRD',
  failed: 'UNDELIV',
  expired: 'EXPIRED',
  rejected: 'FAILED',
  cancelled: 'FAILED',
  unknown: 'TIMEOUT-DLR',
};

/** Of one that came to a bad end. */
const ends: Record<ErrorCode, WireStatus> = {
  number_invalid: 'INV-NUMBER',
  number_not_mobile: 'INV-NUMBER',
  country_not_allowed: 'NOTALLOWED',
  text_empty: 'INV-TEMPLATE',
  text_too_long: 'REJ-MULTIPART',
  too_many_parts: 'REJ-MULTIPART',
  text_not_gsm: 'INV-TEMPLATE',
  field_invalid: 'NOTALLOWED',
  sender_not_allowed: 'INV-SENDER',
  recipient_opted_out: 'OPTOUT-REJ',
  duplicate_message: 'DUPLICATE',
  schedule_invalid: 'INV-SCHEDULE',
  // Nothing is provided that would carry it: no link to the country, or none for calls, WhatsApp, RCS or Viber.
  no_route: 'INV-PROVISION',
  insufficient_credit: 'NO-CREDITS',
  account_suspended: 'NO-ACCOUNT',

  link_unavailable: 'NET-ERR',
  link_throttled: 'THROTTLED',
  retries_exhausted: 'NET-ERR',
  answer_lost: 'NET-ERR',
  refused_by_link: 'FAILED',
  rejected_by_network: 'FAILED',
  undeliverable: 'UNDELIV',
  validity_expired: 'EXPIRED',
  receipt_overdue: 'TIMEOUT-DLR',

  // Requests end with these, messages do not.
  invalid_json: 'FAILED',
  invalid_request: 'FAILED',
  too_many_messages: 'FAILED',
  body_too_large: 'FAILED',
  headers_too_large: 'FAILED',
  body_incomplete: 'FAILED',
  unsupported_media_type: 'FAILED',
  unauthenticated: 'FAILED',
  forbidden: 'FAILED',
  not_found: 'FAILED',
  method_not_allowed: 'FAILED',
  too_many_concurrent: 'FAILED',
  too_many_attempts: 'FAILED',
  idempotency_conflict: 'FAILED',
  too_many_endpoints: 'FAILED',
  already_exists: 'FAILED',
  not_cancellable: 'FAILED',
  overloaded: 'FAILED',
  storage_unavailable: 'FAILED',
  internal: 'FAILED',
};

const unfinished: ReadonlySet<MessageStatus> = new Set<MessageStatus>([
  'scheduled',
  'queued',
  'sending',
  'sent',
  'delivered',
]);

/** What is told of a message as it is. */
export function statusOf({ status, error }: Pick<Message, 'status' | 'error'>): WireStatus {
  return error === null || unfinished.has(status) ? states[status] : ends[error];
}
