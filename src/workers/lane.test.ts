import { describe, expect, it, vi } from 'vitest';
import type { Message } from '../core/messages/message.ts';
import type { SendOutcome } from '../core/ports/transport.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { openTestStorage, shakyStorage } from '../../test/support/storage.ts';
import { storedMessage, submitTexts } from '../../test/support/submit.ts';
import { TestLink } from '../../test/support/test-link.ts';
import { createWorld } from '../../test/support/world.ts';
import { useWorlds } from '../../test/support/worlds.ts';

const { worlds, setUp } = useWorlds(100_000);

const unavailable: SendOutcome = {
  kind: 'retryable',
  code: 'link_unavailable',
  again: 'elsewhere',
  detail: 'down',
};
const long = 'A text of more than one part. '.repeat(12);

describe('the way of a message to its link', () => {
  it('is handed over from memory, once, and sent', async () => {
    const { world, account } = await setUp();
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    expect(world.link.sent.map((part) => part.text)).toEqual(['Hello']);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      attempts: 1,
    });
    await world.clock.advance(10_000);
    expect(world.link.sent).toHaveLength(1);
  });

  it('is on disk as sending before a byte leaves', async () => {
    const link = new TestLink('test');
    const { world, account } = await setUp({ links: [link] });
    const seen: string[] = [];
    const send = link.send.bind(link);
    link.send = async (part) => {
      seen.push((await world.storage.read.messages.findAny(part.messageId))?.status ?? 'missing');
      return send(part);
    };
    await submitTexts(world, account, ['one', 'two', 'three']);
    await world.clock.settle();
    expect(seen).toEqual(['sending', 'sending', 'sending']);
  });

  it('is accepted and handed over in one write where the window has room', async () => {
    const { world, account } = await setUp();
    let answer: (outcome: SendOutcome) => void = () => {};
    world.link.answers.push(new Promise((resolve) => (answer = resolve)));
    const write = vi.spyOn(world.storage, 'write');
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    expect(write).toHaveBeenCalledTimes(1);
    expect(world.link.sent).toEqual([]);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sending',
      attempts: 1,
      lockedBy: world.dispatcher.nodeId,
    });
    expect(await world.storage.read.messages.parts((message as Message).id)).toMatchObject([
      { number: 1, status: 'sending', upstreamId: null },
    ]);
    expect(world.dispatcher.load()).toEqual([{ linkId: 'test', onTheirWay: 1, waiting: 0 }]);
    answer({ kind: 'accepted', upstreamId: 'late' });
  });

  it('gives back what it had reserved of the window when it is not accepted', async () => {
    const link = new TestLink('test', { window: 1 });
    const { world, account } = await setUp({ links: [link] });
    const caller = await account.caller();
    const idle = [{ linkId: 'test', onTheirWay: 0, waiting: 0 }];
    const handset = '+61412000000' as Parameters<typeof world.gateway.optOut>[1];
    await world.gateway.optOut(caller, handset);
    await expect(submitTexts(world, account, ['Hello'])).rejects.toThrow('unsubscribed');
    const [refused] = await world.gateway.searchMessages(caller, { limit: 1, offset: 0 });
    expect(refused).toMatchObject({ status: 'rejected', attempts: 0, lockedBy: null });
    expect(world.dispatcher.load()).toEqual(idle);
    await world.gateway.optIn(caller, handset);

    const poor = await world.account({ credits: 0 });
    await expect(submitTexts(world, poor, ['Hello'])).rejects.toThrow('Insufficient credits');
    expect(world.dispatcher.load()).toEqual(idle);

    await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    expect(link.sent).toHaveLength(1);
  });

  it('goes through storage when this node has no room, and in order', async () => {
    const link = new TestLink('test', { window: 10 });
    const { world, account } = await setUp({ links: [link] });
    const texts = Array.from({ length: 1_000 }, (_, index) => `message ${index}`);
    await submitTexts(world, account, texts);
    for (let i = 0; i < 300 && link.sent.length < 1_000; i++) await world.clock.advance(1_000);
    expect(link.sent.map((part) => part.text)).toEqual(texts);
  });

  it('keeps to the window', async () => {
    const link = new TestLink('test', { window: 5 });
    const { world, account } = await setUp({ links: [link] });
    let underWay = 0;
    let most = 0;
    link.send = () =>
      new Promise((resolve) => {
        underWay++;
        most = Math.max(most, underWay);
        world.clock.after(10, () => {
          underWay--;
          resolve({ kind: 'accepted', upstreamId: `id-${Math.random()}` });
        });
      });
    await submitTexts(
      world,
      account,
      Array.from({ length: 40 }, () => 'Hello'),
    );
    await world.clock.advance(3_000);
    expect(most).toBe(5);
    expect(world.dispatcher.load()).toEqual([{ linkId: 'test', onTheirWay: 0, waiting: 0 }]);
  });

  it('sends a message of more parts than the window has room for', async () => {
    const link = new TestLink('test', { window: 2 });
    const { world, account } = await setUp({ links: [link] });
    const [message] = await submitTexts(world, account, [long]);
    await world.clock.advance(2_000);
    expect(link.sent.map((part) => part.text).join('')).toBe(long);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      parts: 3,
    });
  });

  it('waits while the link is down, and goes when it is up', async () => {
    const { world, account } = await setUp();
    world.link.current = 'down';
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(30_000);
    expect(world.link.sent).toEqual([]);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'queued' });
    world.link.current = 'up';
    await world.clock.advance(2_000);
    expect(world.link.sent).toHaveLength(1);
  });
});

describe('what the link says', () => {
  it('not now: it is tried again later, each time after a longer wait', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(unavailable, unavailable);
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(4_000);
    expect(world.link.sent).toHaveLength(1);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'queued',
      error: 'link_unavailable',
    });
    await world.clock.advance(2_000);
    expect(world.link.sent).toHaveLength(2);
    await world.clock.advance(13_000);
    expect(world.link.sent).toHaveLength(2);
    await world.clock.advance(4_000);
    expect(world.link.sent).toHaveLength(3);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      attempts: 3,
      error: null,
    });
    const timeline = await world.storage.read.messages.timeline((message as Message).id);
    expect(timeline.map((entry) => entry.what)).toEqual(['retry', 'retry']);
  });

  it('not now, and there is another link: that one is tried at once', async () => {
    const first = new TestLink('first');
    const second = new TestLink('second');
    first.answers.push(unavailable);
    const { world, account } = await setUp({ links: [first, second] });
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(1_500);
    expect(second.sent).toHaveLength(1);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      linkId: 'second',
    });
  });

  it('not now, until its tries are used up: failed, and refunded by policy', async () => {
    const { world, account } = await setUp({ delivery: { maxAttempts: 3 } });
    world.link.answers.push(unavailable, unavailable, unavailable);
    const before = await account.credits();
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(60_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'failed',
      error: 'retries_exhausted',
    });
    expect(await account.credits()).toBe(before);
  });

  it('too fast: no try is counted, and the link rests', async () => {
    const { world, account } = await setUp();
    const throttled: SendOutcome = {
      kind: 'retryable',
      code: 'link_throttled',
      again: 'here',
      detail: 'slow down',
      retryAfterMs: 5_000,
    };
    world.link.answers.push(throttled);
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    await submitTexts(world, account, ['Another']);
    await world.clock.advance(4_000);
    expect(world.link.sent).toHaveLength(1);
    await world.clock.advance(3_000);
    expect(world.link.sent).toHaveLength(3);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      attempts: 1,
    });
  });

  it('no: rejected at once, and refunded', async () => {
    const { world, account } = await setUp();
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'bad source' });
    const before = await account.credits();
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'rejected',
      error: 'refused_by_link',
      errorDetail: 'bad source',
    });
    expect(await account.credits()).toBe(before);
  });

  it('nothing: unknown, not sent again, not refunded', async () => {
    const { world, account } = await setUp();
    world.link.answers.push({ kind: 'unknown', detail: 'the line broke' });
    const before = await account.credits();
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(60_000);
    await world.clock.skip(3_600_000);
    await world.clock.advance(5_000);
    expect(world.link.sent).toHaveLength(1);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'unknown',
      error: 'answer_lost',
    });
    expect(await account.credits()).toBe(before - 1);
  });

  it('nothing, with the policy to resend: sent again, marked', async () => {
    const { world, account } = await setUp({
      policies: new Map([['test', { onLostAnswer: 'resend' }]]),
    });
    world.link.answers.push({ kind: 'unknown', detail: 'the line broke' });
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(30_000);
    expect(world.link.sent.map((part) => part.possiblyDoubled)).toEqual([false, true]);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      possiblyDoubled: 1,
    });
  });

  it('not now to one of three parts: only that part goes again', async () => {
    const { world, account } = await setUp();
    world.link.answers.push({ kind: 'accepted', upstreamId: 'a' }, unavailable, {
      kind: 'accepted',
      upstreamId: 'c',
    });
    const [message] = await submitTexts(world, account, [long]);
    await world.clock.advance(10_000);
    expect(world.link.sent.map((part) => part.number)).toEqual([1, 2, 3, 2]);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      attempts: 2,
    });
    const parts = await world.storage.read.messages.parts((message as Message).id);
    expect(parts.map((part) => part.status)).toEqual(['sent', 'sent', 'sent']);
    expect(parts[0]?.upstreamId).toBe('a');
  });

  it('too fast to one of three parts: the parts it took do not go again', async () => {
    const { world, account } = await setUp();
    world.link.answers.push(
      { kind: 'accepted', upstreamId: 'a' },
      {
        kind: 'retryable',
        code: 'link_throttled',
        again: 'here',
        detail: 'slow down',
        retryAfterMs: 1_000,
      },
    );
    const [message] = await submitTexts(world, account, [long]);
    await world.clock.advance(5_000);
    expect(world.link.sent.map((part) => part.number)).toEqual([1, 2, 3, 2]);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'sent',
      attempts: 1,
    });
  });

  it('no, after it had taken another part: the price of what left is not given back', async () => {
    const { world, account } = await setUp();
    world.link.answers.push({ kind: 'accepted', upstreamId: 'a' }, unavailable, unavailable);
    const before = await account.credits();
    const [message] = await submitTexts(world, account, [long]);
    await world.clock.settle();
    world.link.answers.push({ kind: 'refused', code: 'refused_by_link', detail: 'no more' });
    await world.clock.advance(10_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'rejected' });
    expect(await account.credits()).toBe(before - 3);
  });
});

describe('time', () => {
  it('a scheduled message waits for its time', async () => {
    const { world, account } = await setUp();
    const at = world.clock.now() + 3_600_000;
    const [message] = await submitTexts(world, account, ['Later'], at);
    await world.clock.skip(3_580_000);
    await world.clock.advance(10_000);
    expect(world.link.sent).toEqual([]);
    await world.clock.advance(13_000);
    expect(world.link.sent).toHaveLength(1);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'sent' });
  });

  it('a message that waits past its validity expires, with its refund, and is never sent', async () => {
    const { world, account } = await setUp({ delivery: { validityMs: 60_000 } });
    const before = await account.credits();
    world.link.current = 'down';
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(130_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'expired' });
    expect(await account.credits()).toBe(before);
    world.link.current = 'up';
    await world.clock.advance(120_000);
    expect(world.link.sent).toEqual([]);
  });

  it('a message whose receipt never comes is unknown after its time, and a late receipt still counts', async () => {
    const { world, account } = await setUp({ delivery: { receiptTimeoutMs: 60_000 } });
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(70_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'unknown',
      error: 'receipt_overdue',
    });
    await world.link.receipt('delivered', { at: world.clock.now() });
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'delivered',
      error: null,
    });
  });

  it('a link that never answers leaves its message unknown', async () => {
    const { world, account } = await setUp({ delivery: { answerTimeoutMs: 30_000 } });
    world.link.answers.push(new Promise(() => {}));
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.advance(20_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'sending' });
    await world.clock.advance(15_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'unknown' });
    worlds.splice(worlds.indexOf(world), 1);
    const closing = world.close();
    await world.clock.advance(15_000);
    await closing;
  });
});

describe('receipts', () => {
  it('that come before the answer that names their part are kept for it', async () => {
    const { world, account } = await setUp();
    let answer: (outcome: SendOutcome) => void = () => {};
    world.link.answers.push(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    await world.gateway.receipt({
      linkId: world.link.id,
      upstreamId: 'early',
      status: 'delivered',
      detail: null,
      at: world.clock.now(),
    });
    answer({ kind: 'accepted', upstreamId: 'early' });
    await world.clock.settle();
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'delivered' });
  });

  it('repeated, late and contradicting ones change nothing any more', async () => {
    const { world, account } = await setUp();
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    for (const status of ['delivered', 'failed', 'delivered', 'expired'] as const) {
      await world.link.receipt(status, { at: world.clock.now() });
    }
    expect(await storedMessage(world, message as Message)).toMatchObject({
      status: 'delivered',
      error: null,
    });
  });

  it('of three parts: delivered when all are, failed when one is', async () => {
    const { world, account } = await setUp();
    const [good, bad] = await submitTexts(world, account, [long, long]);
    await world.clock.settle();
    const partsOf = (id: string) => world.link.sent.filter((part) => part.messageId === id);
    for (const part of partsOf((good as Message).id)) {
      expect(await storedMessage(world, good as Message)).toMatchObject({ status: 'sent' });
      await world.link.receipt('delivered', { part, at: world.clock.now() });
    }
    expect(await storedMessage(world, good as Message)).toMatchObject({ status: 'delivered' });
    const [first, second] = partsOf((bad as Message).id);
    await world.link.receipt('delivered', { part: first, at: world.clock.now() });
    await world.link.receipt('failed', { part: second, at: world.clock.now() });
    expect(await storedMessage(world, bad as Message)).toMatchObject({
      status: 'failed',
      error: 'undeliverable',
    });
  });
});

describe('storage that gives out', () => {
  it('before the hand-over: nothing leaves, and it goes out once storage is back', async () => {
    const shaky = await shakyStorage();
    const { world, account } = await setUp({ storage: shaky.storage });
    world.link.current = 'down';
    const [message] = await submitTexts(world, account, ['Hello']);
    shaky.fail(true);
    world.link.current = 'up';
    await world.clock.advance(10_000);
    expect(world.link.sent).toEqual([]);
    shaky.fail(false);
    await world.clock.advance(5_000);
    expect(world.link.sent).toHaveLength(1);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'sent' });
    await shaky.end();
  });

  it('before the answer is written down: it is written when storage is back, and sent once', async () => {
    const shaky = await shakyStorage();
    const { world, account } = await setUp({ storage: shaky.storage });
    let answer: (outcome: SendOutcome) => void = () => {};
    world.link.answers.push(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const [message] = await submitTexts(world, account, ['Hello']);
    await world.clock.settle();
    shaky.fail(true);
    answer({ kind: 'accepted', upstreamId: 'x' });
    await world.clock.advance(20_000);
    shaky.fail(false);
    await world.clock.advance(3_000);
    expect(await storedMessage(world, message as Message)).toMatchObject({ status: 'sent' });
    expect(world.link.sent).toHaveLength(1);
    await shaky.end();
  });
});

describe('two nodes on one storage', () => {
  it('never hand over the same message', async () => {
    const { storage, end } = await openTestStorage();
    const clock = new FakeClock();
    // Each answer takes its time, so that there is something left for the other node.
    const slow = () => {
      const link = new TestLink('carrier', { window: 7 });
      const send = link.send.bind(link);
      link.send = (part) =>
        new Promise((resolve) => {
          clock.after(100, () => resolve(send(part)));
        });
      return link;
    };
    const [one, two] = [slow(), slow()];
    const keepOpen = { ...storage, read: storage.read, close: async () => {} };
    const first = await setUp({ storage: keepOpen, clock, links: [one] });
    const second = await createWorld({ storage: keepOpen, clock, links: [two] });
    worlds.push(second);
    const ids = new Set<string>();
    for (let i = 0; i < 10; i++) {
      for (const m of await submitTexts(
        first.world,
        first.account,
        Array(300).fill('Hello') as string[],
      )) {
        ids.add(m.id);
      }
      await clock.advance(700);
    }
    await clock.advance(60_000);
    const sent = [...one.sent, ...two.sent].map((part) => part.messageId);
    expect(new Set(sent)).toEqual(ids);
    expect(sent).toHaveLength(ids.size);
    expect(two.sent.length).toBeGreaterThan(0);
    for (const world of worlds.splice(0)) await world.close();
    await end();
  });

  it('a node that stops gives back what it had only claimed', async () => {
    const link = new TestLink('test', { window: 1 });
    const { world, account } = await setUp({ links: [link] });
    let answer: (outcome: SendOutcome) => void = () => {};
    link.answers.push(
      new Promise((resolve) => {
        answer = resolve;
      }),
    );
    const messages = await submitTexts(world, account, ['one', 'two', 'three']);
    await world.clock.settle();
    const stopping = world.dispatcher.stop();
    answer({ kind: 'accepted', upstreamId: 'x' });
    await stopping;
    const rows = await Promise.all(messages.map((message) => storedMessage(world, message)));
    expect(rows.map((row) => row.status)).toEqual(['sent', 'queued', 'queued']);
    expect(rows.map((row) => row.lockedBy)).toEqual([null, null, null]);
    expect(rows.slice(1).every((row) => row.dueAt <= world.clock.now())).toBe(true);
  });
});
