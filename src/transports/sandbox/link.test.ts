import { afterEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { outgoingPart } from '../testkit/outgoing-part.ts';
import { Rig } from '../testkit/rig.ts';
import { sandbox } from './index.ts';

const yes = '+61412345670';
const failed = '+61412345672';
const none = '+61412345675';
const late = '+61412345676';
const throttledFirst = '+61412345677';
const delivered = '+61412345678';
const hour = 3_600_000;

const rigs: Rig[] = [];
async function open(settings: Record<string, unknown> = {}): Promise<Rig> {
  const rig = new Rig(sandbox, { settings, clock: new FakeClock() });
  rigs.push(rig);
  await rig.start();
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.close();
});

it('answers after latencyMs, and the receipt counts from there', async () => {
  const { link, clock, host } = await open({ latencyMs: 200 });
  const sent = clock.now();
  let answeredAt = 0;
  void host.send(link, outgoingPart({ destination: delivered })).then(() => {
    answeredAt = clock.now();
  });
  await clock.advance(1_000);
  expect(answeredAt).toBe(sent + 200);
  expect(host.receipts.map((news) => news.at)).toEqual([sent + 250]);
  expect(host.early).toEqual([]);
});

it('gives ids that no other run gives', async () => {
  const ids = new Set<string>();
  for (let run = 0; run < 3; run++) {
    const rig = await open();
    for (let i = 0; i < 50; i++) await rig.send(outgoingPart({ destination: yes }));
    await rig.clock.advance(hour);
    for (const { upstreamId } of rig.host.receipts) ids.add(upstreamId);
    for (const { upstreamId } of rig.host.replies) ids.add(upstreamId as string);
  }
  expect(ids.size).toBe(3 * 100);
});

it('sets one timer for all that is due in the same millisecond', async () => {
  const rig = await open();
  for (let i = 0; i < 500; i++) await rig.link.send(outgoingPart({ destination: yes }));
  expect(rig.clock.pending).toBe(2);
  await rig.clock.advance(hour);
  expect([rig.host.receipts.length, rig.host.replies.length]).toEqual([500, 500]);
});

it('waits for answers under way when it stops, and forgets receipts', async () => {
  const { link, clock, host, log } = await open({ latencyMs: 5_000 });
  await clock.advance(1_000);
  const answers: string[] = [];
  const note = (outcome: { kind: string }) => answers.push(outcome.kind);
  void link.send(outgoingPart({ destination: late })).then(note);
  void link.send(outgoingPart({ destination: none })).then(note);
  let stopped = false;
  void link.stop().then(() => (stopped = true));
  expect(link.state()).toBe('stopped');
  await clock.advance(4_999);
  expect({ answers, stopped }).toEqual({ answers: [], stopped: false });
  await clock.advance(1);
  expect({ answers, stopped }).toEqual({ answers: ['accepted', 'accepted'], stopped: true });
  await clock.advance(hour);
  expect(host.calls).toBe(0);
  expect(log).toMatchObject([{ level: 'info', more: { count: 1 } }]);
});

it('waits at its stop until the gateway has all that it is being told', async () => {
  const { link, clock, host } = await open();
  const onDisk: ((found: null) => void)[] = [];
  host.receipt = () => new Promise((resolve) => onDisk.push(resolve));
  for (let i = 0; i < 2; i++) await link.send(outgoingPart({ destination: delivered }));
  await clock.advance(50);
  let stopped = false;
  void link.stop().then(() => (stopped = true));
  await clock.advance(hour);
  onDisk[0]?.(null);
  await clock.settle();
  expect(stopped).toBe(false);
  onDisk[1]?.(null);
  await clock.settle();
  expect(stopped).toBe(true);
});

it('tells a receipt and a reply again until the gateway takes them, with the same words', async () => {
  const rig = await open();
  await rig.send(outgoingPart({ destination: yes }));
  const sent = rig.clock.now();
  rig.host.failing = 4;
  await rig.clock.advance(hour);
  expect(rig.host.calls).toBe(6);
  expect(rig.host.receipts).toMatchObject([{ status: 'delivered', at: sent + 50 }]);
  expect(rig.host.replies).toMatchObject([{ text: 'Yes', at: sent + 1_050 }]);
  expect(rig.log).toEqual([]);
});

it('gives a receipt up after five times, and says so', async () => {
  const rig = await open();
  rig.host.failing = Number.POSITIVE_INFINITY;
  const outcome = await rig.send(outgoingPart({ destination: failed }));
  await rig.clock.advance(hour);
  expect(rig.host.calls).toBe(5);
  const { upstreamId } = outcome as { upstreamId: string };
  expect(rig.log).toMatchObject([{ level: 'error', more: { link: rig.link.id, upstreamId } }]);
});

it('takes a gateway that throws at once like one that rejects', async () => {
  const rig = await open();
  const { receipt } = rig.host;
  rig.host.receipt = () => {
    throw new Error('at once');
  };
  await rig.send(outgoingPart({ destination: delivered }));
  await rig.clock.advance(60);
  rig.host.receipt = receipt;
  await rig.clock.advance(hour);
  expect(rig.host.receipts).toHaveLength(1);
});

it('says that what was refused during its stop is lost', async () => {
  const { link, clock, host, log } = await open();
  let fail: (error: Error) => void = () => {};
  host.receipt = () => new Promise((_, reject) => (fail = reject));
  await link.send(outgoingPart({ destination: delivered }));
  await clock.advance(50);
  const stopped = link.stop();
  fail(new Error('closing'));
  await stopped;
  expect(log).toMatchObject([{ level: 'error', more: { link: link.id } }]);
});

it('is throttled while too much is pending, whether in time or with the gateway', async () => {
  const rig = await open({ pendingLimit: 2 });
  const send = async () => (await rig.send(outgoingPart({ destination: delivered }))).kind;
  expect([await send(), await send(), await send()]).toEqual(['accepted', 'accepted', 'retryable']);
  expect(await rig.send(outgoingPart({ destination: delivered }))).toMatchObject({
    code: 'link_throttled',
    retryAfterMs: 1_000,
  });

  const onDisk: ((found: null) => void)[] = [];
  rig.host.receipt = () => new Promise((resolve) => onDisk.push(resolve));
  await rig.clock.advance(1_000);
  expect(onDisk).toHaveLength(2);
  expect(await send()).toBe('retryable');
  onDisk.pop()?.(null);
  await rig.clock.settle();
  expect(await send()).toBe('accepted');
  await rig.clock.advance(1_000);
  for (const resolve of onDisk) resolve(null);
});

it('lets a part through when too many were throttled to remember it', async () => {
  const rig = await open();
  const hand = async (messageId: string) =>
    (await rig.link.send(outgoingPart({ messageId, destination: throttledFirst }))).kind;
  for (let i = 0; i < 100_000; i++) await hand(`m${i}`);
  expect(await hand('one more')).toBe('accepted');
  // The oldest was forgotten in its place, and is throttled anew; the next is not.
  expect(await hand('m0')).toBe('retryable');
  expect(await hand('m1')).toBe('accepted');
});

it('starts once', async () => {
  const rig = await open();
  await expect(rig.link.start(rig.host)).rejects.toThrow('was started before');
});
