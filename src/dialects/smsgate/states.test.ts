import { describe, expect, it } from 'vitest';
import type { Errand } from '../../core/devices/errand.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import { messageStatuses } from '../../core/messages/status.ts';
import type { State } from './states.ts';
import { aggregate, stateOf, states } from './states.ts';

/** Reference §4. */
describe('the state of a message', () => {
  it.each<[State[], State]>([
    ...states.map((state): [State[], State] => [[state, state], state]),
    [['Failed', 'Pending', 'Cancelling'], 'Pending'],
    [['Processed', 'Cancelled', 'Cancelling'], 'Cancelling'],
    [['Delivered', 'Cancelled', 'Processed'], 'Cancelled'],
    [['Sent', 'Processed', 'Failed'], 'Processed'],
    [['Failed', 'Delivered'], 'Sent'],
    [['Failed', 'Sent'], 'Sent'],
    [['Delivered', 'Sent'], 'Sent'],
  ])('of recipients that are %j is %s', (recipients, state) => {
    expect(aggregate(recipients)).toBe(state);
    expect(aggregate(recipients.toReversed())).toBe(state);
  });
});

describe('the state of a recipient', () => {
  const byCarrier: Record<MessageStatus, State> = {
    scheduled: 'Pending',
    queued: 'Pending',
    sending: 'Processed',
    sent: 'Sent',
    delivered: 'Delivered',
    failed: 'Failed',
    expired: 'Failed',
    rejected: 'Failed',
    cancelled: 'Cancelled',
    unknown: 'Failed',
  };
  it.each(messageStatuses)('by a carrier: %s', (status) => {
    expect(stateOf({ status }, undefined)).toBe(byCarrier[status]);
  });

  it.each<[MessageStatus, Errand['state'], State]>([
    ['sent', 'pending', 'Pending'],
    ['sent', 'cancelling', 'Cancelling'],
    ['sent', 'processed', 'Processed'],
    ['sent', 'sent', 'Sent'],
    ['sending', 'pending', 'Pending'],
    ['unknown', 'pending', 'Pending'],
    ['unknown', 'sent', 'Sent'],
    ['queued', 'cancelling', 'Cancelling'],
    // What the message has become goes before what its phone last said.
    ['delivered', 'sent', 'Delivered'],
    ['expired', 'pending', 'Failed'],
    ['cancelled', 'cancelling', 'Cancelled'],
  ])('%s, and %s at a phone', (status, state, shown) => {
    expect(stateOf({ status }, { state })).toBe(shown);
  });
});
