import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Relayed } from '../../../test/peers/phone/relay.ts';
import { FakeRelay } from '../../../test/peers/phone/relay.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { HttpClient } from '../../net/http-client.ts';
import { createHttpClient } from '../../net/http-client.ts';
import { PushRelay } from './relay.ts';

const minute = 60_000;
const messages = { kind: 'messages' } as const;

describe('the push relay', () => {
  let clock: FakeClock;
  let far: FakeRelay;
  let http: HttpClient;
  let relay: PushRelay;
  const lines: string[] = [];
  const open = async (wrong?: (item: Relayed) => boolean) => {
    far = new FakeRelay(() => clock.now(), wrong);
    await far.start();
    const log = (_level: string, what: string) => void lines.push(what);
    relay = new PushRelay({ url: far.url, http, clock, log });
  };
  /** Time passes, and what leaves meanwhile is answered. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 500) {
      await clock.advance(500);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await clock.settle();
  };

  beforeEach(() => {
    clock = new FakeClock();
    lines.length = 0;
    http = createHttpClient({ allow: ['127.0.0.1'], userAgent: 'Parlance' });
  });
  afterEach(async () => {
    await relay.close();
    await http.destroy();
    await far.stop();
  });

  it('is asked at once when it was idle, then for all that came meanwhile', async () => {
    await open();
    relay.wake('a', messages);
    await waitUntil('it was asked', () => far.requests.length === 1);
    for (let burst = 0; burst < 1_000; burst++) relay.wake(`phone-${burst % 600}`, messages);
    await pass(2 * minute);
    expect(far.requests.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(far.requests.map(({ items }) => items.length)).toEqual([1, 500, 100]);
    expect(far.requests[0]?.items).toEqual([{ token: 'a', event: 'MessageEnqueued', data: null }]);
  });

  it('never more often than five times in any minute', async () => {
    await open();
    for (let second = 0; second < 240; second++) {
      relay.wake('a', messages);
      await pass(1_000);
    }
    const times = far.requests.map(({ at }) => at);
    expect(times.length).toBeGreaterThan(15);
    for (const end of times) {
      expect(times.filter((at) => at > end - minute && at <= end).length).toBeLessThanOrEqual(5);
    }
    expect(far.requests.every(({ status }) => status === 202)).toBe(true);
  });

  it('finds the item that a request is refused for, and leaves its phone alone for a while', async () => {
    await open(({ token }) => token === 'bad');
    relay.wake('first', messages);
    await waitUntil('it was asked', () => far.requests.length === 1);
    for (const token of ['a', 'b', 'bad', 'c', 'd', 'e', 'f']) relay.wake(token, messages);
    await pass(3 * minute);
    const woken = far.woken.map(({ token }) => token);
    expect(woken.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'first']);
    expect(lines).toEqual(['the push relay refuses the token of a phone']);
    const asked = far.requests.length;
    relay.wake('bad', messages);
    await pass(minute);
    expect(far.requests).toHaveLength(asked);
    await pass(15 * minute);
    relay.wake('bad', messages);
    await waitUntil('it is tried again', () => far.requests.length > asked);
  }, 60_000);

  it('what a release of it does not know goes by itself, and as what it knows', async () => {
    await open(({ event }) => event === 'MessageCancelled');
    relay.wake('a', { kind: 'cancelled', errand: 'm-1' });
    relay.wake('b', messages);
    await pass(minute);
    expect(far.woken).toEqual([
      { token: 'b', event: 'MessageEnqueued', data: null },
      { token: 'a', event: 'MessageEnqueued', data: null },
    ]);
    expect(far.requests[0]?.items).toEqual([
      { token: 'a', event: 'MessageCancelled', data: { messageId: 'm-1' } },
    ]);
  });

  it('rests when it is told to', async () => {
    await open();
    // Somebody else behind our address has used them up.
    for (let at = 0; at < 5; at++) {
      far.requests.push({ at: clock.now(), status: 202, items: [] });
    }
    relay.wake('a', messages);
    await pass(30_000);
    expect(far.requests.at(-1)).toMatchObject({ status: 429 });
    const asked = far.requests.length;
    await pass(29_000);
    expect(far.requests).toHaveLength(asked);
    await pass(5_000);
    expect(far.woken).toEqual([{ token: 'a', event: 'MessageEnqueued', data: null }]);
  });

  it('gives up what it cannot reach, and goes on', async () => {
    await open();
    await far.stop();
    relay.wake('a', messages);
    await pass(minute);
    expect(lines).toEqual(['the push relay did not take wake-ups: phones come by themselves']);
    const before = far;
    far = new FakeRelay(() => clock.now());
    await far.start();
    expect(before.requests).toEqual([]);
  });

  it('is asked nothing once it is closed', async () => {
    await open();
    await relay.close();
    relay.wake('a', messages);
    await pass(1_000);
    expect(far.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
