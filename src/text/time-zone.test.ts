import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatLocal,
  formatOffset,
  fromLocal,
  isTimeZone,
  offsetAt,
  toLocal,
} from './time-zone.ts';

const at = (text: string): number => Date.parse(text);
const hour = 3_600_000;

describe('a time zone', () => {
  it.each([
    ['UTC', '2026-03-20T21:07:44Z', 0],
    ['Europe/Brussels', '2026-03-20T21:07:44Z', 1],
    ['Europe/Brussels', '2026-03-29T00:59:59Z', 1],
    ['Europe/Brussels', '2026-03-29T01:00:00Z', 2],
    ['America/New_York', '2026-01-01T00:00:00Z', -5],
    ['Asia/Kolkata', '2026-01-01T00:00:00Z', 5.5],
    ['Australia/Lord_Howe', '2026-01-01T00:00:00Z', 11],
  ])('%s is at %s ahead by %d hours', (zone, instant, hours) => {
    expect(offsetAt(zone, at(instant))).toBe(hours * hour);
    expect(offsetAt(zone, at(instant) + 999)).toBe(hours * hour);
  });

  it.each([
    ['UTC', true],
    ['Europe/Brussels', true],
    ['Europe/Atlantis', false],
    ['', false],
  ])('%j is known: %s', (name, known) => {
    expect(isTimeZone(name)).toBe(known);
  });

  it('has no offset where there is none', () => {
    expect(() => offsetAt('nowhere', 0)).toThrow(RangeError);
  });
});

describe('a local time', () => {
  it('is written with its offset', () => {
    expect(formatLocal('Europe/Brussels', at('2026-03-20T21:07:44.9Z'))).toBe(
      '2026-03-20T22:07:44+01:00',
    );
    expect(formatOffset(-(3.5 * hour))).toBe('-03:30');
  });

  it('that comes twice is the first of both; one that is left out is later', () => {
    const zone = 'Europe/Brussels';
    expect(fromLocal(zone, at('2026-10-25T02:30:00Z'))).toBe(at('2026-10-25T00:30:00Z'));
    expect(fromLocal(zone, at('2026-03-29T02:30:00Z'))).toBe(at('2026-03-29T01:30:00Z'));
  });

  it('leads back to its instant, but for those that come twice', () => {
    const zones = [
      'Europe/Brussels',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'UTC',
    ];
    const instants = fc.integer({ min: at('1990-01-01'), max: at('2060-01-01') });
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, instant) => {
        const back = fromLocal(zone, toLocal(zone, instant));
        expect(back === instant || toLocal(zone, back) === toLocal(zone, instant)).toBe(true);
        expect(back).toBeLessThanOrEqual(instant);
      }),
    );
  });
});
