import { FakeClock } from '../../../test/support/fake-clock.ts';
import { outgoingParts } from '../testkit/outgoing-part.ts';
import type { NetworkSide } from '../testkit/rig.ts';
import { runTransportCases, type TransportCase } from '../testkit/run-transport-cases.ts';
import { sandbox } from './index.ts';

const start = Date.parse('2026-03-01T00:00:00Z');
const accepted = { kind: 'accepted' } as const;
const throttled = {
  kind: 'retryable',
  code: 'link_throttled',
  again: 'here',
  retryAfterMs: 1_000,
} as const;
const receipt = (status: 'delivered' | 'failed' | 'expired', afterMs = 50) => ({
  status,
  at: start + afterMs,
});
const ending = (digit: number) => `+6141234567${digit}`;
/** One whole message to a number that ends so. */
const to = (digit: number) => [{ destination: ending(digit) }];

const network = (): NetworkSide => ({ settings: {}, clock: new FakeClock(start) });

const hour = 3_600_000;
const cases: TransportCase<NetworkSide>[] = [
  ...[8, 9].map((digit) => ({
    name: `…${digit}: delivered at once`,
    send: to(digit),
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('delivered'), detail: null }],
  })),
  ...(
    [
      [0, 'Yes'],
      [1, 'STOP'],
    ] as const
  ).map(([digit, text]) => ({
    name: `…${digit}: delivered, and 1 s later the handset writes ${text}`,
    send: [{ destination: ending(digit), sender: 'Mobile MSG' }],
    outcomes: [accepted],
    passMs: hour,
    receipts: [receipt('delivered')],
    replies: [{ from: ending(digit) as never, to: 'Mobile MSG', text, at: start + 1_050 }],
  })),
  {
    name: 'what is only played is delivered as it asks, whatever its number',
    send: [{ destination: ending(4), simulate: 'delivered' }],
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('delivered'), detail: null }],
  },
  {
    name: 'what is only played fails as it asks, and nobody replies',
    send: [{ destination: ending(0), simulate: 'failed' }],
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('failed'), detail: 'sandbox: it was to fail' }],
  },
  {
    name: 'a picture is delivered as a text is',
    send: [{ destination: ending(8), medium: 'mms' }],
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('delivered'), detail: null }],
  },
  {
    name: '…2: failed',
    send: to(2),
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('failed'), detail: 'sandbox: the handset is out of reach' }],
  },
  {
    name: '…3: expired',
    send: to(3),
    outcomes: [accepted],
    passMs: hour,
    receipts: [{ ...receipt('expired'), detail: 'sandbox: the handset stayed switched off' }],
  },
  {
    name: '…4: rejected at each hand-over',
    send: [...to(4), ...to(4)],
    outcomes: [
      { kind: 'refused', code: 'refused_by_link' },
      { kind: 'refused', code: 'refused_by_link' },
    ],
    passMs: hour,
  },
  { name: '…5: no receipt ever', send: to(5), outcomes: [accepted], passMs: 1_000 * hour },
  {
    name: '…6: not delivered before 5 s',
    send: to(6),
    outcomes: [accepted],
    passMs: 4_999,
  },
  {
    name: '…6: delivered after 5 s',
    send: to(6),
    outcomes: [accepted],
    passMs: 5_000,
    receipts: [receipt('delivered', 5_000)],
  },
  {
    name: '…7: each part throttled first, then delivered',
    send: [
      ...outgoingParts(2, { messageId: 'a', destination: ending(7) }),
      ...outgoingParts(2, { messageId: 'a', destination: ending(7) }),
      { messageId: 'b', destination: ending(7) },
    ],
    outcomes: [throttled, throttled, accepted, accepted, throttled],
    passMs: hour,
    receipts: [receipt('delivered'), receipt('delivered')],
  },
  {
    name: 'a long message: a receipt a part, one reply',
    send: outgoingParts(3, { destination: ending(0) }),
    outcomes: [accepted, accepted, accepted],
    receipts: [receipt('delivered'), receipt('delivered'), receipt('delivered')],
    replies: [{ text: 'Yes', at: start + 1_050 }],
    passMs: hour,
  },
  {
    name: 'a validity that passes before the delivery: expired at that instant, no reply',
    settings: { receiptDelayMs: 100 },
    send: [
      { destination: ending(6), expiresAt: start + 4_999 },
      { destination: ending(0), expiresAt: start + 99 },
      { destination: ending(8), expiresAt: start + 100 },
    ],
    outcomes: [accepted, accepted, accepted],
    passMs: hour,
    receipts: [receipt('expired', 99), receipt('delivered', 100), receipt('expired', 4_999)],
  },
  {
    name: 'receiptDelayMs',
    settings: { receiptDelayMs: 700 },
    send: [...to(8), ...to(0)],
    outcomes: [accepted, accepted],
    passMs: hour,
    receipts: [receipt('delivered', 700), receipt('delivered', 700)],
    replies: [{ at: start + 1_700 }],
  },
  {
    name: 'receiptDelayMs 0: still after the answer',
    settings: { receiptDelayMs: 0 },
    send: to(8),
    outcomes: [accepted],
    passMs: 0,
    receipts: [receipt('delivered', 0)],
  },
];
runTransportCases(sandbox, {
  network,
  badSettings: [
    { settings: { window: 0 }, key: 'window' },
    { settings: { receiptDelayMs: '50' }, key: 'receiptDelayMs' },
    { settings: { latencyMs: -1 }, key: 'latencyMs' },
    { settings: { pendingLimit: 1.5 }, key: 'pendingLimit' },
    { settings: { journal: '' }, key: 'journal' },
  ],
  // The seeds' own samples among them.
  delivered: ['+61412345678', '+61412345699', '+61491570156', '+919876543210'],
  cases,
});
