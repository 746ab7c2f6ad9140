import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

const minute = 60_000;

/** How many of so many requests get through, each of which finds what it asks for, or none does. */
function through(pace: Pace, address: string, count: number, hit: boolean, now: number): number {
  let passed = 0;
  for (let at = 0; at < count; at++) {
    if (pace.take(address, now) > 0) continue;
    passed += 1;
    if (hit) pace.hit(address);
  }
  return passed;
}

it('lets follow many links and guess few', () => {
  const pace = new Pace();
  expect(through(pace, '192.0.2.1', 1_000, true, 0)).toBeGreaterThan(570);
  expect(through(pace, '192.0.2.2', 1_000, false, 0)).toBe(30);
  expect(pace.take('192.0.2.2', 10_000)).toBe(minute - 10_000);
  expect(pace.take('192.0.2.3', 0)).toBe(0);
});

it('begins anew each minute', () => {
  const pace = new Pace();
  expect(through(pace, '192.0.2.1', 100, false, 0)).toBe(30);
  expect(through(pace, '192.0.2.1', 100, false, minute)).toBe(30);
});

it('lets no more through when they come at once', () => {
  const pace = new Pace();
  const passed = Array.from({ length: 100 }, () => pace.take('192.0.2.1', 0)).filter(
    (ms) => ms === 0,
  );
  expect(passed).toHaveLength(30);
});

it.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
  ['2001:db8::1', '2001:db8:0:0:5::', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['::1', '::2', true],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ['192.0.2.1', '192.0.2.2', false],
])('%s and %s are one: %s', (one, other, same) => {
  const pace = new Pace();
  through(pace, one, 30, false, 0);
  expect(pace.take(other, 0) > 0).toBe(same);
});

it('forgets the oldest of very many addresses, and nothing else', () => {
  const pace = new Pace();
  through(pace, '192.0.2.1', 30, false, 0);
  for (let at = 0; at < 9_999; at++) pace.take(`address ${at}`, 0);
  expect(pace.take('192.0.2.1', 0)).toBeGreaterThan(0);
  pace.take('one more', 0);
  expect(pace.take('192.0.2.1', 0)).toBe(0);
});
