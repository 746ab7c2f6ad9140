import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { WorldWish } from '../../../test/support/world.ts';
import { useWorlds } from '../../../test/support/worlds.ts';
import { storedMessage, submitText, submitTexts } from '../../../test/support/submit.ts';
import { TestLink } from '../../../test/support/test-link.ts';
import type { SendOutcome } from '../ports/transport.ts';

const { setUp } = useWorlds(1_000);

/** An answer that comes when the test says so. */
function later(): { answer: Promise<SendOutcome>; say(outcome: SendOutcome): void } {
  let say: (outcome: SendOutcome) => void = () => {};
  const answer = new Promise<SendOutcome>((resolve) => {
    say = resolve;
  });
  return { answer, say: (outcome) => say(outcome) };
}

const long = 'A text of more than one part. '.repeat(12);
const unavailable: SendOutcome = {
  kind: 'retryable',
  code: 'link_unavailable',
  again: 'elsewhere',
  detail: 'down',
};
const lost: SendOutcome = { kind: 'unknown', detail: 'lost' };
const no: SendOutcome = { kind: 'refused', code: 'refused_by_link', detail: 'no' };
const resend: WorldWish = { policies: new Map([['test', { onLostAnswer: 'resend' }]]) };
const hasty: WorldWish = { ...resend, delivery: { answerTimeoutMs: 5_000 } };

describe('an answer that comes while the message is handed over anew', () => {
  it.each([unavailable, lost, no, { kind: 'accepted', upstreamId: 'A' } as const])(
    'changes nothing: %j',
    async (outcome) => {
      const { world, account } = await setUp(hasty);
      const [first, second] = [later(), later()];
      world.link.answers.push(first.answer, second.answer);
      const message = await submitText(world, account);
      await world.clock.advance(12_000);
      const underWay = { status: 'sending', attempts: 2, possiblyDoubled: 1 };
      expect(await storedMessage(world, message)).toMatchObject(underWay);
      first.say(outcome);
      await world.clock.settle();
      expect(await storedMessage(world, message)).toMatchObject(underWay);
      second.say({ kind: 'accepted', upstreamId: 'B' });
      await world.clock.settle();
      expect(await storedMessage(world, message)).toMatchObject({ ...underWay, status: 'sent' });
      await world.clock.advance(60_000);
      expect(world.link.sent).toHaveLength(2);
      await world.gateway.receipt({
        linkId: world.link.id,
        upstreamId: 'B',
        status: 'delivered',
        detail: null,
        at: world.clock.now(),
      });
      expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
    },
  );

  it('does not move its parts backwards', async () => {
    const { world, account } = await setUp(hasty);
    const first = later();
    world.link.answers.push(first.answer);
    const message = await submitText(world, account);
    await world.clock.advance(12_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent' });
    first.say(unavailable);
    await world.clock.settle();
    await world.link.receipt('delivered', { part: world.link.sent[0], at: world.clock.now() });
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });
});

describe('an answer that comes after the message was given up for lost', () => {
  it('corrects it when the network took all, and receipts complete it', async () => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 5_000 } });
    const first = later();
    world.link.answers.push(first.answer);
    const message = await submitText(world, account);
    await world.clock.advance(8_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
    first.say({ kind: 'accepted', upstreamId: 'late' });
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent', error: null });
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });

  it.each([
    { name: 'refused', first: no },
    { name: 'not taken for now', first: unavailable },
  ])('ends it, with its refund, when the network has none of it: $name', async (wish) => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 5_000 } });
    const first = later();
    world.link.answers.push(first.answer);
    const message = await submitText(world, account);
    await world.clock.advance(8_000);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
    first.say(wish.first);
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'rejected',
      error: 'refused_by_link',
    });
    expect(await account.credits()).toBe(1_000);
    await world.clock.advance(60_000);
    expect(world.link.sent).toHaveLength(1);
  });

  it('and without one by that policy, when it has a part of it', async () => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 5_000 } });
    const answers = [later(), later(), later()];
    world.link.answers.push(...answers.map((each) => each.answer));
    const message = await submitText(world, account, long);
    await world.clock.advance(8_000);
    answers[0]?.say({ kind: 'accepted', upstreamId: 'u' });
    answers[1]?.say(no);
    answers[2]?.say(unavailable);
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({ status: 'rejected' });
    expect(await account.credits()).toBe(997);
  });

  it('completes one that nobody has settled yet, of a node that was taken for dead', async () => {
    const { world, account } = await setUp();
    const answers = [later(), later(), later()];
    world.link.answers.push(...answers.map((each) => each.answer));
    const message = await submitText(world, account, long);
    await world.clock.settle();
    // Another node buries this one, and its sweep comes within the next second.
    const { nodeId } = world.dispatcher;
    await world.storage.write((tx) => tx.messages.reclaim([nodeId], world.clock.now()));
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'sending',
      lockedBy: null,
    });
    answers.forEach((each, i) => each.say({ kind: 'accepted', upstreamId: `u${i}` }));
    await world.clock.settle();
    expect(await storedMessage(world, message)).toMatchObject({ status: 'sent' });
    // The sweep finds nothing to give up, and nothing goes out twice.
    await world.clock.advance(60_000);
    expect(world.link.sent).toHaveLength(3);
    for (const part of world.link.sent)
      await world.link.receipt('delivered', { part, at: world.clock.now() });
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });

  it('spares a message that waits to be sent again its second way', async () => {
    const { world, account } = await setUp(hasty);
    const answers = [later(), later(), later()];
    world.link.answers.push(...answers.map((each) => each.answer));
    const message = await submitText(world, account, long);
    await world.clock.advance(7_000);
    expect(await storedMessage(world, message)).toMatchObject({
      status: 'queued',
      possiblyDoubled: 1,
    });
    answers.forEach((each, i) => each.say({ kind: 'accepted', upstreamId: `u${i}` }));
    await world.clock.settle();
    await world.clock.advance(60_000);
    expect(world.link.sent).toHaveLength(3);
    for (const part of world.link.sent) {
      await world.gateway.receipt({
        linkId: world.link.id,
        upstreamId: `u${part.number - 1}`,
        status: 'delivered',
        detail: null,
        at: world.clock.now(),
      });
    }
    expect(await storedMessage(world, message)).toMatchObject({ status: 'delivered' });
  });
});

describe('what may have reached the handset is not given back', () => {
  it.each([
    {
      name: 'two of three parts taken, the third until the validity passed',
      wish: { delivery: { validityMs: 60_000 } },
      text: long,
      answers: [
        { kind: 'accepted', upstreamId: 'u1' },
        { kind: 'accepted', upstreamId: 'u2' },
        ...Array.from({ length: 50 }, () => unavailable),
      ],
      price: 3,
    },
    {
      name: 'lost, sent again, refused',
      wish: resend,
      text: 'Hello',
      answers: [lost, no],
      price: 1,
    },
    {
      name: 'one part refused, two answers lost',
      wish: {},
      text: long,
      answers: [no, lost, lost],
      price: 3,
    },
    {
      name: 'lost, then expired before it was sent again',
      wish: { ...resend, delivery: { validityMs: 10_000 } },
      text: 'Hello',
      answers: [lost, lost],
      price: 1,
    },
  ] as { name: string; wish: WorldWish; text: string; answers: SendOutcome[]; price: number }[])(
    '$name',
    async ({ wish, text, answers, price }) => {
      const { world, account } = await setUp(wish);
      world.link.answers.push(...answers);
      const before = await account.credits();
      await submitText(world, account, text);
      await world.clock.advance(60_000);
      await world.clock.skip(540_000);
      expect(await account.credits()).toBe(before - price);
    },
  );
});

describe('bounds', () => {
  it('a message is sent again after a lost answer no more often than it may be handed over', async () => {
    const { world, account } = await setUp({ ...resend, delivery: { maxAttempts: 3 } });
    world.link.answers.push(...Array.from({ length: 50 }, () => lost));
    const message = await submitText(world, account);
    await world.clock.advance(600_000);
    await world.clock.skip(3_000_000);
    expect(world.link.sent).toHaveLength(3);
    expect(await storedMessage(world, message)).toMatchObject({ status: 'unknown' });
  });

  it('a message that is cancelled many times in one request is refunded once', async () => {
    const { world, account } = await setUp();
    const at = world.clock.now() + 3_600_000;
    const { id } = await submitText(world, account, 'Hello', at);
    const done = await world.gateway.cancel(await account.caller(), Array(1_000).fill(id) as never);
    expect(done).toHaveLength(1);
    expect(await account.credits()).toBe(1_000);
  });
});

describe('a clock that is set back', () => {
  class SettableClock extends FakeClock {
    offset = 0;
    override now(): number {
      return super.now() + this.offset;
    }
  }

  it('does not make a link rest for as long', async () => {
    const clock = new SettableClock();
    const { world, account } = await setUp({ clock });
    world.link.answers.push({
      kind: 'retryable',
      code: 'link_throttled',
      again: 'here',
      detail: 'slow down',
      retryAfterMs: 1_000,
    });
    await submitText(world, account, 'first');
    await clock.settle();
    clock.offset = -3_600_000;
    await clock.advance(3_000);
    await submitText(world, account, 'second');
    await clock.advance(3_000);
    expect(world.link.sent.map((part) => part.text)).toContain('second');
  });

  it('does not let two claims of one message out in one batch', async () => {
    const clock = new SettableClock();
    const link = new TestLink('test', { window: 2 });
    const { world, account } = await setUp({ clock, links: [link] });
    const stuck = [later(), later()];
    link.answers.push(...stuck.map((each) => each.answer));
    await submitTexts(world, account, ['busy', 'busy too']);
    await clock.settle();
    await submitTexts(world, account, ['A', 'B', 'C']);
    await clock.advance(61_000);
    clock.offset = -5_000;
    stuck.forEach((each, i) => each.say({ kind: 'accepted', upstreamId: `x${i}` }));
    await clock.advance(120_000);
    const texts = link.sent.map((part) => part.text).toSorted();
    expect(texts).toEqual(['A', 'B', 'C', 'busy', 'busy too']);
  });
});
