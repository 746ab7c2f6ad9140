import { expect, it } from 'vitest';
import type { ErrorCode } from '../../core/errors.ts';
import { messageStatuses } from '../../core/messages/status.ts';
import { statusOf } from './statuses.ts';

it.each([
  ['insufficient_credit', 'NO-CREDITS'],
  ['duplicate_message', 'DUPLICATE'],
  ['recipient_opted_out', 'OPTOUT-REJ'],
  ['number_invalid', 'INV-NUMBER'],
  ['sender_not_allowed', 'INV-SENDER'],
  ['schedule_invalid', 'INV-SCHEDULE'],
  ['too_many_parts', 'REJ-MULTIPART'],
  ['no_route', 'INV-PROVISION'],
  ['receipt_overdue', 'TIMEOUT-DLR'],
] as const)('%s is %s', (error: ErrorCode, status) => {
  expect(statusOf({ status: 'rejected', error })).toBe(status);
});

it('what is on its way, or arrived, is no failure, whatever went wrong before', () => {
  const said = messageStatuses.map((status) => [
    status,
    statusOf({ status, error: 'link_throttled' }),
  ]);
  expect(Object.fromEntries(said)).toEqual({
    scheduled: 'AWAITING-DLR',
    queued: 'AWAITING-DLR',
    sending: 'AWAITING-DLR',
    sent: 'AWAITING-DLR',
    delivered: 'DELIVRD',
    failed: 'THROTTLED',
    expired: 'THROTTLED',
    rejected: 'THROTTLED',
    cancelled: 'THROTTLED',
    unknown: 'THROTTLED',
  });
});
