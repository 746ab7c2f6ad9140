import { describe, expect, it } from 'vitest';
import type { DeviceSettings } from './device.ts';
import { usualSettings } from './device.ts';
import type { Given } from './pace.ts';
import { allowance, countsSince, isTimeZone } from './pace.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** A Sunday. */
const now = Date.UTC(2026, 2, 1, 12, 0, 0);
const plain: DeviceSettings = { ...usualSettings, pace: null };
const given = (parts: number, ago: number): Given => ({ at: now - ago, parts });

describe('how much a phone is given', () => {
  it('without limits: all there is, and nothing is counted', () => {
    expect(countsSince(plain, now)).toBeNull();
    expect(allowance(plain, [], now).parts).toBeGreaterThan(1e9);
  });

  it.each<[string, Given[], number, number, boolean]>([
    ['nothing before', [], 30, 0, true],
    ['some before', [given(10, minute), given(5, 20 * minute)], 15, 10 * minute, false],
    ['as much as may be', [given(20, minute), given(10, 29 * minute)], 0, minute, false],
    ['more than may be', [given(40, minute)], 0, 29 * minute, false],
    ['what was long ago', [given(30, 30 * minute)], 30, 0, true],
  ])('by pace, with %s', (_, before, parts, waitMs, untouched) => {
    const settings = { ...plain, pace: { parts: 30, minutes: 30 } };
    const allowed = allowance(settings, before, now);
    expect(allowed).toMatchObject({ parts, untouched });
    if (parts < 30) expect(allowed.again).toBe(now + waitMs);
    expect(countsSince(settings, now)).toBe(now - 30 * minute + 1);
  });

  it('a window slides: a burst at its end leaves nothing at the beginning of the next', () => {
    const settings = { ...plain, pace: { parts: 30, minutes: 30 } };
    for (let later = 0; later < 30; later++) {
      const at = now + later * minute;
      expect(allowance(settings, [given(30, 0)], at).parts).toBe(0);
    }
    expect(allowance(settings, [given(30, 0)], now + 30 * minute).parts).toBe(30);
  });

  it('by day, of its time zone', () => {
    const settings = { ...plain, dailyParts: 100, timeZone: 'Australia/Sydney' };
    // There it is 23:00, so today began 23 hours ago.
    const midnight = now - 23 * hour;
    expect(countsSince(settings, now)).toBe(midnight);
    expect(allowance(settings, [given(60, hour), given(90, 24 * hour)], now).parts).toBe(40);
    expect(allowance(settings, [given(100, hour)], now)).toMatchObject({
      parts: 0,
      again: midnight + day,
    });
  });

  it('by both, the narrower', () => {
    const settings = { ...plain, pace: { parts: 30, minutes: 30 }, dailyParts: 100 };
    expect(allowance(settings, [given(90, hour)], now).parts).toBe(10);
    expect(allowance(settings, [given(25, minute)], now).parts).toBe(5);
  });

  const at = (hours: number, minutes = 0, days = 0) =>
    Date.UTC(2026, 2, 1 + days, hours, minutes, 0);
  const weekdays = { from: 8 * 60, until: 20 * 60, days: [1, 2, 3, 4, 5] };
  const nights = { from: 22 * 60, until: 6 * 60, days: [6, 7] };

  it.each([
    ['a Sunday', weekdays, at(12), false, at(8, 0, 1)],
    ['a Monday morning, early', weekdays, at(7, 59, 1), false, at(8, 0, 1)],
    ['a Monday', weekdays, at(8, 0, 1), true, 0],
    ['a Monday, until the end', weekdays, at(19, 59, 1), true, 0],
    ['a Monday evening', weekdays, at(20, 0, 1), false, at(8, 0, 2)],
    ['a Friday evening', weekdays, at(21, 0, 5), false, at(8, 0, 8)],
    ['a Sunday night', nights, at(22), true, 0],
    ['the morning after it', nights, at(5, 59, 1), true, 0],
    ['later that morning', nights, at(6, 0, 1), false, at(22, 0, 6)],
    ['a Monday night', nights, at(23, 0, 1), false, at(22, 0, 6)],
    ['the whole of a day', { from: 0, until: 0, days: [7] }, at(23, 59), true, 0],
    ['the day after', { from: 0, until: 0, days: [7] }, at(0, 0, 1), false, at(0, 0, 7)],
  ])('by working hours: %s', (_, hours, instant, open, opens) => {
    const allowed = allowance({ ...plain, hours }, [], instant);
    expect(allowed.parts > 0).toBe(open);
    if (!open) expect(allowed.again).toBe(opens);
  });

  it('working hours are of the time zone', () => {
    const settings = { ...plain, hours: weekdays, timeZone: 'Australia/Sydney' };
    // Monday 08:00 there.
    expect(allowance(settings, [], at(21)).parts).toBeGreaterThan(0);
    expect(allowance(settings, [], at(20, 59)).again).toBe(at(21));
  });

  it('knows time zones', () => {
    expect(isTimeZone('Europe/Berlin')).toBe(true);
    expect(isTimeZone('Mars/Olympus')).toBe(false);
  });
});
