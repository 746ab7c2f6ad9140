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
    relay.wake('a', messages, 'shop');
    await waitUntil('it was asked', () => far.requests.length === 1);
    for (let burst = 0; burst < 1_000; burst++)
      relay.wake(`phone-${burst % 600}`, messages, 'shop');
    await pass(2 * minute);
    expect(far.requests.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(far.requests.map(({ items }) => items.length)).toEqual([1, 500, 100]);
    expect(far.requests[0]?.items).toEqual([{ token: 'a', event: 'MessageEnqueued', data: null }]);
  });

  it('never more often than five times in any minute', async () => {
    await open();
    for (let second = 0; second < 240; second++) {
      relay.wake('a', messages, 'shop');
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
    relay.wake('first', messages, 'shop');
    await waitUntil('it was asked', () => far.requests.length === 1);
    for (const token of ['a', 'b', 'bad', 'c', 'd', 'e', 'f']) relay.wake(token, messages, 'shop');
    await pass(3 * minute);
    const woken = far.woken.map(({ token }) => token);
    expect(woken.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'first']);
    expect(lines).toEqual(['the push relay refuses the token of a phone']);
    const asked = far.requests.length;
    relay.wake('bad', messages, 'shop');
    await pass(minute);
    expect(far.requests).toHaveLength(asked);
    await pass(15 * minute);
    relay.wake('bad', messages, 'shop');
    await waitUntil('it is tried again', () => far.requests.length > asked);
  }, 60_000);

  /** Wakes of phones of an account. */
  const wakeAll = (count: number, account: string, token: (at: number) => string) => {
    for (let at = 0; at < count; at++) relay.wake(token(at), messages, account);
  };

  it('goes on with others while it looks for what was refused', async () => {
    await open(({ token }) => token.startsWith('bad'));
    relay.wake('first', messages, 'honest');
    await waitUntil('it was asked', () => far.requests.length === 1);
    wakeAll(100, 'rogue', (at) => `bad-${at}`);
    wakeAll(3, 'honest', (at) => `good-${at}`);
    await pass(13_000);
    const start = clock.now();
    const wokenSince = () => far.requests.filter(({ at, status }) => at >= start && status === 202);
    // What comes now goes with the next request but one at the latest, however much was refused.
    for (let round = 0; round < 6; round++) {
      const token = `fresh-${round}`;
      relay.wake(token, messages, 'honest');
      await pass(26_000);
      const woken = wokenSince().flatMap(({ items }) => items.map((item) => item.token));
      expect(woken).toContain(token);
    }
    const woken = far.woken.map(({ token }) => token);
    expect(woken).toEqual(expect.arrayContaining(['good-0', 'good-1', 'good-2']));
  }, 60_000);

  it('keeps those of an account that was refused something apart from all others', async () => {
    await open(({ token }) => token.startsWith('bad'));
    wakeAll(1, 'rogue', () => 'bad-0');
    await pass(1_000);
    const asked = far.requests.length;
    wakeAll(1_000, 'rogue', (at) => `bad-${at}`);
    wakeAll(1_000, 'rogue', (at) => `well-${at}`);
    wakeAll(10, 'honest', (at) => `good-${at}`);
    await pass(15 * minute);
    const later = far.requests.slice(asked);
    const mixed = later.filter(({ items }) => {
      const kinds = new Set(items.map(({ token }) => token.startsWith('good')));
      return kinds.size > 1;
    });
    expect(mixed).toEqual([]);
    // Each second request is theirs.
    const first = later.findIndex(({ items }) => items.some(({ token }) => token === 'good-0'));
    expect(first).toBeLessThanOrEqual(1);
    const rogue = later.flatMap(({ items }) =>
      items.filter(({ token }) => !token.startsWith('good')),
    );
    expect(new Set(rogue.map(({ token }) => token)).size).toBeLessThanOrEqual(500);
    expect(far.woken.filter(({ token }) => token.startsWith('good'))).toHaveLength(10);
  }, 60_000);

  it('what a release of it does not know goes by itself, and as what it knows', async () => {
    await open(({ event }) => event === 'MessageCancelled');
    relay.wake('a', { kind: 'cancelled', errand: 'm-1' }, 'shop');
    relay.wake('b', messages, 'shop');
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
    relay.wake('a', messages, 'shop');
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
    relay.wake('a', messages, 'shop');
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
    relay.wake('a', messages, 'shop');
    await pass(1_000);
    expect(far.requests).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});
