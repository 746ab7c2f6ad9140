import { describe, expect, it } from 'vitest';
import type { AccountId, EndpointId, LinkId, MessageId, NotificationId } from '../../core/ids.ts';
import type { Message, Part } from '../../core/messages/message.ts';
import { millicredits } from '../../core/money.ts';
import type { Notification, NotificationAttempt } from '../../core/notifications/notification.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { History, Told } from './timeline.ts';
import { timelineOf } from './timeline.ts';

const message = {
  id: 'm' as MessageId,
  accountId: 'a' as AccountId,
  parts: 1,
  price: millicredits(1000),
  status: 'queued',
  error: null,
  errorDetail: null,
  linkId: 'carrier' as LinkId,
  scheduledAt: null,
  createdAt: 1000,
  sentAt: null,
  doneAt: null,
} as Message;

const part: Part = {
  messageId: message.id,
  number: 1,
  linkId: message.linkId as LinkId,
  upstreamId: null,
  status: 'sending',
  error: null,
  sentAt: 2000,
  doneAt: null,
};

const notification: Notification = {
  id: 'n' as NotificationId,
  accountId: message.accountId,
  endpointId: 'e' as EndpointId,
  via: 'request',
  event: { type: 'optout.added', accountId: message.accountId, at: 0, number: '+61' as E164 },
  status: 'pending',
  attempts: 0,
  dueAt: 9000,
  lockedBy: null,
  createdAt: 3000,
  doneAt: null,
};

const attempt: NotificationAttempt = {
  notificationId: notification.id,
  number: 1,
  at: 4000,
  durationMs: 12,
  status: null,
  detail: 'timeout: no answer',
};

const stepsOf = (history: Partial<History>): string[] =>
  timelineOf({ message, parts: [], remarks: [], replies: [], notifications: [], ...history }).map(
    ({ at, what, detail }) => `${at} ${what}: ${detail ?? '-'}`,
  );

const accepted = '1000 accepted: 1 part, 1.00 credits, link carrier';

describe('the timeline of a message', () => {
  it.each<[string, Partial<History>, string[]]>([
    ['is only accepted at first', {}, [accepted]],
    [
      'of one refused at once is its end',
      {
        message: {
          ...message,
          linkId: null,
          status: 'rejected',
          error: 'recipient_opted_out',
          errorDetail: 'Recipient has unsubscribed',
          doneAt: 1000,
        },
      },
      ['1000 rejected: recipient_opted_out: Recipient has unsubscribed'],
    ],
    [
      'waits for its time',
      { message: { ...message, status: 'scheduled', scheduledAt: 86_400_000 } },
      [`${accepted}, to be sent at 1970-01-02 00:00:00`, '86400000 due: its time to be sent'],
    ],
    [
      'waits for an answer',
      { parts: [part] },
      [accepted, '2000 handed over: part 1/1 to carrier: no answer yet'],
    ],
    [
      'knows what was not taken',
      { parts: [{ ...part, error: 'line is down' }] },
      [accepted, '2000 handed over: part 1/1 to carrier: not taken (line is down)'],
    ],
    [
      'knows a lost answer',
      {
        message: { ...message, status: 'unknown', error: 'answer_lost', doneAt: 5000 },
        parts: [{ ...part, status: 'unknown', doneAt: 5000 }],
      },
      [
        accepted,
        '2000 handed over: part 1/1 to carrier: its answer was lost',
        '5000 unknown: answer_lost',
      ],
    ],
    [
      'puts a late receipt where it came',
      {
        message: { ...message, status: 'delivered', sentAt: 2000, doneAt: 7000 },
        parts: [{ ...part, status: 'delivered', upstreamId: 'u1', doneAt: 7000 }],
        remarks: [{ messageId: message.id, at: 1500, what: 'throttled', detail: null }],
      },
      [
        accepted,
        '1500 throttled: -',
        '2000 handed over: part 1/1 to carrier: taken as u1',
        '2000 sent: the network has it',
        '7000 receipt: part 1/1 delivered',
        '7000 delivered: -',
      ],
    ],
  ])('%s', (_name, history, steps) => {
    expect(stepsOf(history)).toEqual(steps);
  });

  it.each<[string, Partial<Notification>, NotificationAttempt[], string[]]>([
    ['not yet', {}, [], ['3000 webhook: optout.added to a removed webhook: not tried yet']],
    [
      'in vain, and again later',
      { attempts: 1 },
      [attempt],
      [
        '4000 webhook: optout.added to a removed webhook, try 1: no answer after 12 ms (timeout: no answer)',
        '9000 webhook: optout.added to a removed webhook: next try',
      ],
    ],
    [
      'at the second try',
      { attempts: 2, status: 'delivered' },
      [
        { ...attempt, status: 500, detail: 'oops' },
        { ...attempt, number: 2, at: 6000, status: 200, detail: null },
      ],
      [
        '4000 webhook: optout.added to a removed webhook, try 1: HTTP 500 after 12 ms (oops)',
        '6000 webhook: optout.added to a removed webhook, try 2: HTTP 200 after 12 ms',
      ],
    ],
  ])('shows that a webhook was told %s', (_name, changes, attempts, steps) => {
    const told: Told = {
      notification: { ...notification, ...changes },
      attempts,
      endpoint: undefined,
    };
    expect(stepsOf({ notifications: [told] })).toEqual([accepted, ...steps]);
  });
});
