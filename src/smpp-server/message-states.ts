import type { MessageStatus } from '../core/messages/status.ts';

/** `message_state` (SMPP 3.4, 5.2.28) of each status; before it has ended a message is en route. */
export const messageStates: Readonly<Record<MessageStatus, number>> = {
  scheduled: 1,
  queued: 1,
  sending: 1,
  sent: 1,
  delivered: 2,
  expired: 3,
  cancelled: 4,
  failed: 5,
  unknown: 7,
  rejected: 8,
};

/** `stat:` of a receipt (SMPP 3.4, appendix B). */
export const stats: Readonly<Record<MessageStatus, string>> = {
  scheduled: 'ENROUTE',
  queued: 'ENROUTE',
  sending: 'ENROUTE',
  sent: 'ENROUTE',
  delivered: 'DELIVRD',
  expired: 'EXPIRED',
  cancelled: 'DELETED',
  failed: 'UNDELIV',
  unknown: 'UNKNOWN',
  rejected: 'REJECTD',
};
