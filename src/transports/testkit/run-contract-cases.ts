import { expect, it } from 'vitest';
import type { OutgoingPart, SendOutcome } from '../../core/ports/transport.ts';
import { outgoingPart, outgoingParts } from './outgoing-part.ts';
import type { NetworkSide, Rig } from './rig.ts';

const unavailable = { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere' };

/** Parts that no one planned for: each must have an answer, whichever. */
const oddParts: readonly [string, Partial<OutgoingPart>][] = [
  ['an empty text', { text: '' }],
  ['a text of 100 000 characters', { text: 'x'.repeat(100_000) }],
  ['half a surrogate pair', { text: 'a\ud83d', encoding: 'ucs2' }],
  ['control characters', { text: '\0\r\n\u001b\u007f' }],
  ['characters that its encoding does not have', { text: '漢字', encoding: 'gsm7' }],
  ['an empty sender', { sender: '' }],
  ['a sender that is too long', { sender: 'A'.repeat(300) }],
  ['a sender with line ends and quotes', { sender: 'a"b\r\nc: d' }],
  ['a validity that has passed', { expiresAt: 0 }],
  ['part 255 of 255', { number: 255, total: 255 }],
  ['part 256 of 300', { number: 256, total: 300 }],
  ['a part that may be doubled', { possiblyDoubled: true }],
];

/** What every link must keep, whatever lies behind it. */
export function runContractCases<Side extends NetworkSide>(
  open: () => Promise<{ rig: Rig; side: Side }>,
  subject: {
    delivered: readonly [string, ...string[]];
    cut?(side: Side): Promise<void> | void;
  },
): void {
  const { delivered } = subject;
  const destination = delivered[0];
  const part = () => outgoingPart({ destination });

  it('starts, is up and stops', async () => {
    const { rig } = await open();
    expect(rig.link.state()).toBe('starting');
    await rig.start();
    await rig.stop();
    expect(rig.link.state()).toBe('stopped');
  });

  it('has a window', async () => {
    const { rig } = await open();
    expect(rig.link.window).toBeGreaterThan(0);
    expect(Number.isInteger(rig.link.window)).toBe(true);
  });

  it('takes nothing before its start', async () => {
    const { rig } = await open();
    expect(await rig.send(part())).toMatchObject(unavailable);
  });

  it('takes nothing after its stop', async () => {
    const { rig } = await open();
    await rig.start();
    await rig.stop();
    expect(await rig.send(part())).toMatchObject(unavailable);
  });

  it('can be stopped twice, and both times wait', async () => {
    const { rig } = await open();
    await rig.start();
    await Promise.all([rig.stop(), rig.link.stop()]);
    await rig.stop();
  });

  it('can be stopped before its start', async () => {
    const { rig } = await open();
    await rig.stop();
    expect(await rig.send(part())).toMatchObject(unavailable);
  });

  it.each(oddParts)('answers %s', async (_, odd) => {
    const { rig } = await open();
    await rig.start();
    expectOutcome(await rig.send(outgoingPart({ ...odd, destination })));
    expect(await rig.send(part())).toMatchObject({ kind: 'accepted' });
  });

  it('answers the shortest and the longest number', async () => {
    const { rig } = await open();
    await rig.start();
    for (const end of ['+123458', '+123456789012348']) {
      expectOutcome(await rig.send(outgoingPart({ destination: end })));
    }
  });

  it.each([...delivered])('accepts a part to %s, then tells of its delivery', async (to) => {
    const { rig } = await open();
    await rig.start();
    const before = rig.clock.now();
    const outcome = await rig.send(outgoingPart({ destination: to }));
    if (outcome.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(outcome)}`);
    await rig.clock.advance(60_000);
    const { upstreamId } = outcome;
    await rig.eventually(() => {
      expect(rig.host.receipts).toMatchObject([{ upstreamId, status: 'delivered' }]);
    });
    const at = rig.host.receipts[0]?.at as number;
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(rig.clock.now());
    expect(rig.host.early).toEqual([]);
  });

  it('gives each part an id of its own', async () => {
    const { rig } = await open();
    await rig.start();
    const parts = [...outgoingParts(3, { destination }), part(), part()];
    const outcomes = await rig.ends(
      Promise.all(parts.map((one) => rig.host.send(rig.link, one))),
      'send()',
    );
    const ids = outcomes.map((outcome) => outcome.kind === 'accepted' && outcome.upstreamId);
    expect(new Set(ids).size).toBe(parts.length);
    expect(ids).not.toContain(false);
    expect(ids).not.toContain('');
  });

  it('answers what is under way when it is stopped, and then stops', async () => {
    const { rig } = await open();
    await rig.start();
    const sends = Array.from({ length: 20 }, () => rig.host.send(rig.link, part()));
    let answered = 0;
    for (const send of sends) void send.then(() => answered++);
    await rig.stop();
    await rig.clock.settle();
    expect(answered).toBe(sends.length);
    for (const send of sends) expectOutcome(await send);
  });

  it('tells nothing more once it has stopped', async () => {
    const { rig } = await open();
    await rig.start();
    await rig.send(part());
    await rig.stop();
    const told = rig.host.calls;
    await rig.clock.advance(3_600_000);
    expect(rig.host.calls).toBe(told);
  });

  it('stays up when the gateway cannot take what it is told', async () => {
    const { rig } = await open();
    await rig.start();
    rig.host.failing = 1;
    expect(await rig.send(part())).toMatchObject({ kind: 'accepted' });
    await rig.clock.advance(500);
    await rig.eventually(() => expect(rig.host.calls).toBeGreaterThan(0));
    expect(rig.link.state()).toBe('up');
    expect(await rig.send(part())).toMatchObject({ kind: 'accepted' });
  });

  if (!subject.cut) return;
  it('neither throws nor hangs when the network goes away', async () => {
    const { rig, side } = await open();
    await rig.start();
    const sends = Array.from({ length: 5 }, () => rig.host.send(rig.link, part()));
    await subject.cut?.(side);
    sends.push(rig.host.send(rig.link, part()));
    for (const send of sends) expectOutcome(await rig.ends(send, 'send()'));
  });
}

function expectOutcome(outcome: SendOutcome): void {
  switch (outcome.kind) {
    case 'accepted':
      expect(outcome.upstreamId).toMatch(/\S/);
      return;
    case 'retryable':
      expect(['link_unavailable', 'link_throttled']).toContain(outcome.code);
      expect(outcome.code === 'link_throttled' ? ['here'] : ['here', 'elsewhere']).toContain(
        outcome.again,
      );
      expect(outcome.retryAfterMs ?? 0).toBeGreaterThanOrEqual(0);
      break;
    case 'refused':
      expect(outcome.code).toBe('refused_by_link');
      break;
    case 'unknown':
  }
  expect(outcome.detail).toMatch(/\S/);
}
