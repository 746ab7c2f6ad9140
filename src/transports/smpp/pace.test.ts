import { describe, expect, it } from 'vitest';
import { Pace, SenderPaces } from './pace.ts';

/** Sends whatever may leave, for so long; gives how many in each second. */
function run(pace: Pace, seconds: number, from: number): number[] {
  const counts: number[] = [];
  for (let second = 0; second < seconds; second++) {
    let count = 0;
    for (let ms = 0; ms < 1_000; ms += 10) {
      const now = from + second * 1_000 + ms;
      for (let { parts } = pace.ready(now); parts > 0; { parts } = pace.ready(now)) {
        pace.left(now);
        count++;
      }
    }
    counts.push(count);
  }
  return counts;
}

describe('a rate', () => {
  it('lets its parts a second leave, and a tenth of them at once', () => {
    const counts = run(new Pace(50, 0), 4, 0);
    expect(counts[0]).toBeLessThanOrEqual(55);
    for (const count of counts.slice(1)) expect(Math.abs(count - 50)).toBeLessThanOrEqual(1);
  });

  it('can be less than one a second, and says when the next may leave', () => {
    const pace = new Pace(0.1, 0);
    expect(pace.ready(0).parts).toBe(1);
    pace.left(0);
    expect(pace.ready(1_000)).toEqual({ parts: 0, waitMs: 9_000 });
    expect(pace.ready(10_000).parts).toBe(1);
  });

  it('may be none', () => {
    expect(new Pace(0, 0).ready(0).parts).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('is halved by a carrier that throttles, once for all answers of a window, and comes back', () => {
    const pace = new Pace(100, 0);
    run(pace, 3, 0);
    expect(pace.throttled(3_000)).toBe(1_000);
    for (let at = 0; at < 50; at++) pace.throttled(3_010);
    expect(pace.rate).toBe(50);
    const counts = run(pace, 20, 4_000);
    expect(counts[0]).toBeLessThan(70);
    expect(counts.at(-1)).toBeGreaterThanOrEqual(99);
    expect(pace.rate).toBe(100);
  });

  it('rests longer while it goes on, and never for good', () => {
    const pace = new Pace(100, 0);
    const rests: number[] = [];
    let now = 10_000;
    for (let at = 0; at < 12; at++) {
      const rest = pace.throttled(now);
      rests.push(rest);
      now += rest + 100;
    }
    expect(rests.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(rests.at(-1)).toBe(8_000);
    expect(pace.rate).toBeGreaterThanOrEqual(5);
  });

  it.each([0, 100])('of %i goes on where one part in twenty is throttled at random', (limit) => {
    const pace = new Pace(limit, 0);
    let chance = 20_261_122;
    /** A linear congruential generator (Numerical Recipes): the same course each time. */
    const isThrottled = () => {
      chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0;
      return chance < 0x1_0000_0000 / 20;
    };
    const taken: number[] = [];
    let restUntil = 0;
    for (let now = 0; now < 120_000; now += 10) {
      // As a lane does: nothing leaves during a rest; the window is ten, answers come at once.
      const most = now < restUntil ? 0 : Math.min(10, pace.ready(now).parts);
      for (let part = 0; part < most; part++) {
        pace.left(now);
        if (isThrottled()) restUntil = Math.max(restUntil, now + pace.throttled(now));
        else {
          pace.accepted(now);
          taken[Math.floor(now / 10_000)] = (taken[Math.floor(now / 10_000)] ?? 0) + 1;
        }
      }
    }
    expect(taken).toHaveLength(12);
    expect(Math.min(...taken)).toBeGreaterThanOrEqual(50);
  });

  it('is found where none is configured: half of what was too fast', () => {
    const pace = new Pace(0, 0);
    for (let at = 0; at < 400; at++) pace.left(500);
    pace.throttled(900);
    expect(pace.rate).toBe(200);
  });
});

describe('the rate of each sender', () => {
  it('gives each part its turn, and keeps its word', () => {
    const paces = new SenderPaces(2);
    expect(paces.waitMs('A', 'a1', 0)).toBe(0);
    expect(paces.waitMs('A', 'a2', 0)).toBe(500);
    expect(paces.waitMs('A', 'a3', 0)).toBe(1_000);
    expect(paces.waitMs('B', 'b1', 0)).toBe(0);
    // Asked again before its turn, it has the same one.
    expect(paces.waitMs('A', 'a2', 100)).toBe(400);
    expect(paces.waitMs('A', 'a2', 500)).toBe(0);
    expect(paces.waitMs('A', 'a3', 1_000)).toBe(0);
    expect(paces.waitMs('A', 'a4', 1_000)).toBe(500);
  });

  it('is kept however many parts wait', () => {
    const paces = new SenderPaces(1);
    const waiting = new Map(Array.from({ length: 12_000 }, (_, at) => [`part ${at}`, 0]));
    let sent = 0;
    for (let now = 0; now < 3_600_000; now += 1_000) {
      for (const [part, dueAt] of waiting) {
        if (dueAt > now) continue;
        const waitMs = paces.waitMs('A', part, now);
        if (waitMs > 0) waiting.set(part, now + waitMs);
        else {
          waiting.delete(part);
          sent++;
        }
      }
    }
    expect(sent).toBe(3_600);
  });

  it('may be none', () => {
    const paces = new SenderPaces(0);
    for (let at = 0; at < 1_000; at++) expect(paces.waitMs('A', `${at}`, 0)).toBe(0);
  });
});
