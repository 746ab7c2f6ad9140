import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../core/errors.ts';
import { messageStatuses } from '../../core/messages/status.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import { wireErrors } from './errors.ts';
import { stateOf } from './statuses.ts';

/** The vendor's table (reference §10), by the status that each code goes with. */
const documented: Record<string, number[]> = {
  enroute: [101, 102, 151],
  submitted: [200, 210, 211, 212, 213],
  delivered: [220, 221],
  expired: [320, 401],
  rejected: [301, 302, 303, 304, 305, 402, 403, 410, 411, 412, 413, 414],
  failed: [330, 331, 332, 333, 400, 405],
};

const of = (status: MessageStatus, error: ErrorCode | null = null, sentAt: number | null = 1) =>
  stateOf({ status, error, sentAt });

describe('a message on its way', () => {
  it.each([
    ['scheduled', 'scheduled'],
    ['queued', 'enroute'],
    ['sending', 'enroute'],
    ['sent', 'submitted'],
    ['delivered', 'delivered'],
    ['cancelled', 'cancelled'],
    ['failed', 'failed'],
    ['expired', 'expired'],
    ['rejected', 'rejected'],
    ['unknown', 'failed'],
  ] as const)('%s is %s', (status, expected) => {
    expect(of(status).status).toBe(expected);
  });

  it('keeps its status whatever made it wait', () => {
    expect(of('queued', 'link_throttled')).toEqual({ status: 'enroute', code: 101 });
    expect(of('cancelled', 'no_route').status).toBe('cancelled');
  });
});

describe('a message that came to a bad end', () => {
  it.each([
    ['rejected', 'number_invalid', 'rejected', 411],
    ['rejected', 'number_not_mobile', 'rejected', 413],
    ['rejected', 'country_not_allowed', 'failed', 332],
    ['rejected', 'no_route', 'failed', 332],
    ['rejected', 'sender_not_allowed', 'rejected', 410],
    ['rejected', 'recipient_opted_out', 'rejected', 302],
    ['rejected', 'duplicate_message', 'rejected', 305],
    ['rejected', 'insufficient_credit', 'rejected', 301],
    ['rejected', 'schedule_invalid', 'expired', 320],
    ['rejected', 'refused_by_link', 'rejected', 402],
    ['rejected', 'rejected_by_network', 'rejected', 402],
    ['failed', 'undeliverable', 'failed', 400],
    ['failed', 'retries_exhausted', 'failed', 330],
    ['expired', 'validity_expired', 'expired', 401],
    ['unknown', 'answer_lost', 'failed', 330],
    ['unknown', 'receipt_overdue', 'expired', 401],
  ] as const)('%s, %s: %s %d', (status, error, expected, code) => {
    expect(of(status, error)).toEqual({ status: expected, code });
  });

  it('expired before it was handed over', () => {
    expect(of('expired', 'validity_expired', null)).toEqual({ status: 'expired', code: 320 });
  });

  // `wireErrors` has the errors of requests; of messages, those of the table above.
  const errors = [...Object.keys(wireErrors), 'text_empty', 'field_invalid'] as ErrorCode[];
  it.each(errors)('%s has a code that goes with its status', (error) => {
    for (const status of messageStatuses) {
      const state = of(status, error);
      if (state.status === 'scheduled' || state.status === 'cancelled') continue;
      expect(documented[state.status]).toContain(state.code);
    }
  });
});
