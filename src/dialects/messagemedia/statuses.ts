import type { ErrorCode } from '../../core/errors.ts';
import type { Event } from '../../core/events.ts';
import type { Message } from '../../core/messages/message.ts';
import type { MessageStatus } from '../../core/messages/status.ts';

/** Of the vendor's statuses those that strict clients know too (reference §1.13). */
export type WireStatus =
  | 'enroute'
  | 'submitted'
  | 'delivered'
  | 'expired'
  | 'rejected'
  | 'failed'
  | 'scheduled'
  | 'cancelled';

/** What is told of a message: its status and, in reports, the code that says more (reference §10). */
export interface State {
  status: WireStatus;
  code: number;
}

const state = (status: WireStatus, code: number): State => ({ status, code });

/** "Message discarded." */
const discarded = state('failed', 331);
/** "Gateway failure." */
const gatewayFailure = state('failed', 330);

/** Of a message that goes its way, or of one that ended with no word of why. */
const states: Record<MessageStatus, State> = {
  // No code is told of these two: neither is reported.
  scheduled: state('scheduled', 101),
  cancelled: state('cancelled', 405),
  queued: state('enroute', 101),
  sending: state('enroute', 101),
  sent: state('submitted', 200),
  delivered: state('delivered', 220),
  failed: state('failed', 400),
  expired: state('expired', 401),
  rejected: state('rejected', 402),
  unknown: gatewayFailure,
};

/** Of one that came to a bad end. The vendor's sentence for each code is beside it. */
const ends: Record<ErrorCode, State> = {
  number_invalid: state('rejected', 411), // Invalid destination address.
  number_not_mobile: state('rejected', 413), // SMS service unavailable on destination.
  country_not_allowed: state('failed', 332), // No available route to destination.
  no_route: state('failed', 332),
  text_empty: discarded,
  text_too_long: discarded,
  text_not_gsm: discarded,
  too_many_parts: discarded,
  field_invalid: discarded,
  sender_not_allowed: state('rejected', 410), // Invalid source address.
  recipient_opted_out: state('rejected', 302), // Destination address blocked. Message discarded.
  duplicate_message: state('rejected', 305), // Message discarded due to duplicate detection.
  insufficient_credit: state('rejected', 301), // Usage threshold reached. Message discarded.
  schedule_invalid: state('expired', 320), // Message validity period has expired (prior to submission).

  link_unavailable: gatewayFailure,
  link_throttled: gatewayFailure,
  retries_exhausted: gatewayFailure,
  answer_lost: gatewayFailure,
  refused_by_link: state('rejected', 402), // Message rejected by downstream provider.
  rejected_by_network: state('rejected', 402),
  undeliverable: state('failed', 400), // Message failed; undeliverable.
  validity_expired: state('expired', 401), // Message validity period has expired (before delivery).
  receipt_overdue: state('expired', 401),

  // Requests end with these, messages do not.
  invalid_json: discarded,
  invalid_request: discarded,
  too_many_messages: discarded,
  body_too_large: discarded,
  headers_too_large: discarded,
  body_incomplete: discarded,
  unsupported_media_type: discarded,
  unauthenticated: discarded,
  account_suspended: discarded,
  forbidden: discarded,
  not_found: discarded,
  method_not_allowed: discarded,
  too_many_concurrent: discarded,
  too_many_attempts: discarded,
  idempotency_conflict: discarded,
  too_many_endpoints: discarded,
  already_exists: discarded,
  not_cancellable: discarded,
  overloaded: discarded,
  storage_unavailable: discarded,
  internal: discarded,
};

const endedBadly: ReadonlySet<MessageStatus> = new Set<MessageStatus>([
  'failed',
  'expired',
  'rejected',
  'unknown',
]);

const expiredUnsent = state('expired', 320);

/** What is told of a message as it is. */
export function stateOf({
  status,
  error,
  sentAt,
}: Pick<Message, 'status' | 'error' | 'sentAt'>): State {
  if (error === null || !endedBadly.has(status)) return states[status];
  // "Prior to submission": it waited in our own queue.
  if (error === 'validity_expired' && sentAt === null) return expiredUnsent;
  return ends[error];
}

/** An event of a message as a whole. */
export type MessageNews = Extract<
  Event,
  {
    type:
      | 'message.accepted'
      | 'message.released'
      | 'message.sent'
      | 'message.delivered'
      | 'message.failed'
      | 'message.cancelled';
  }
>;

/**
 * What a delivery report says of an event; null when there is none: of a scheduled message before its time, of
 * one that its client cancelled, and of whatever is no change of a message's status.
 */
export function reportedState(event: Event): State | null {
  switch (event.type) {
    case 'message.accepted':
      return event.message.status === 'scheduled' ? null : states.queued;
    case 'message.released':
      return states.queued;
    case 'message.sent':
      return states.sent;
    case 'message.delivered':
      return states.delivered;
    case 'message.failed':
      return stateOf(event.message);
    case 'message.cancelled':
    case 'part.delivered':
    case 'part.failed':
    case 'reply.received':
    case 'link.visited':
    case 'optout.added':
    case 'optout.removed':
      return null;
  }
}
