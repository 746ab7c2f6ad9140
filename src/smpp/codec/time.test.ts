import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAbsoluteTime, formatRelativeTime, parseTime } from './time.ts';

const now = Date.UTC(2026, 10, 22, 9, 30, 0, 450);
const at = (iso: string) => Date.parse(iso);

describe('formatAbsoluteTime', () => {
  it.each<[string, string]>([
    ['2026-11-22T09:30:00.000Z', '261122093000000+'],
    ['2026-11-22T09:30:59.999Z', '261122093059900+'],
    ['2000-01-01T00:00:00.000Z', '000101000000000+'],
    ['2099-12-31T23:59:59.100Z', '991231235959100+'],
  ])('writes %s', (iso, text) => {
    expect(formatAbsoluteTime(at(iso))).toBe(text);
  });

  it('refuses what is no instant', () => {
    expect(() => formatAbsoluteTime(Number.NaN)).toThrow(RangeError);
  });

  it('writes what is read again, to a tenth of a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40 * 365, max: 40 * 365 }), fc.nat(86_399_999), (days, ms) => {
        const instant = Math.floor(now / 86_400_000 + days) * 86_400_000 + ms;
        expect(parseTime(formatAbsoluteTime(instant), now)).toBe(Math.floor(instant / 100) * 100);
      }),
    );
  });
});

describe('formatRelativeTime', () => {
  it.each<[number, string]>([
    [0, '000000000000000R'],
    [1, '000000000001000R'],
    [1_000, '000000000001000R'],
    [86_399_000, '000000235959000R'],
    [86_400_000, '000001000000000R'],
    [2 * 86_400_000, '000002000000000R'],
    [31 * 86_400_000, '000031000000000R'],
  ])('writes %i ms', (period, text) => {
    expect(formatRelativeTime(period)).toBe(text);
  });

  it.each([-1_000, 31 * 86_400_000 + 1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses %d ms',
    (period) => {
      expect(() => formatRelativeTime(period)).toThrow(RangeError);
    },
  );

  it('writes what is read again, in whole seconds', () => {
    fc.assert(
      fc.property(fc.nat(31 * 86_400), (seconds) => {
        const period = seconds * 1_000;
        expect(parseTime(formatRelativeTime(period), now)).toBe(now + period);
      }),
    );
  });
});

describe('parseTime', () => {
  it.each<[string, string, string]>([
    ['UTC', '261122093000000+', '2026-11-22T09:30:00.000Z'],
    ['a tenth of a second', '261122093000700+', '2026-11-22T09:30:00.700Z'],
    ['ten hours ahead', '261122193000040+', '2026-11-22T09:30:00.000Z'],
    ['three and a half behind', '261122060000014-', '2026-11-22T09:30:00.000Z'],
    ['into the next year', '261231233000004-', '2027-01-01T00:30:00.000Z'],
    ['29 February', '280229000000000+', '2028-02-29T00:00:00.000Z'],
    ['the last century', '991231235959000+', '1999-12-31T23:59:59.000Z'],
    ['50 years on', '760101000000000+', '2076-01-01T00:00:00.000Z'],
    ['49 years ago', '770101000000000+', '1977-01-01T00:00:00.000Z'],
    // The example of chapter 7.1.1.
    ['2 years, 6 months, 10 days …', '020610233429000R', '2029-06-02T09:04:29.450Z'],
    ['no time at all', '000000000000000R', '2026-11-22T09:30:00.450Z'],
    ['48 hours', '000000480000000R', '2026-11-24T09:30:00.450Z'],
    ['digits that mean nothing there', '000000000001948R', '2026-11-22T09:30:01.450Z'],
  ])('reads %s', (_what, text, iso) => {
    expect(new Date(parseTime(text, now) ?? Number.NaN).toISOString()).toBe(iso);
  });

  it('counts the century from the present', () => {
    expect(parseTime('010101000000000+', at('2098-06-01'))).toBe(at('2101-01-01'));
  });

  it.each([
    '',
    '2611220930',
    '261122093000',
    '261122093000000',
    '261122093000000Z',
    '2611220930000000+',
    '261322093000000+',
    '260022093000000+',
    '261100093000000+',
    '261131093000000+',
    '270229000000000+',
    '261122240000000+',
    '261122096000000+',
    '261122093060000+',
    '261122093000049+',
    '26112209300000 +',
    '-61122093000000+',
    '٢٦١١٢٢٠٩٣٠٠٠٠٠٠+',
  ])('reads nothing in "%s"', (text) => {
    expect(parseTime(text, now)).toBeUndefined();
  });

  it('gives a number or nothing, whatever comes', () => {
    const any = fc.oneof(
      fc.string(),
      fc.string({
        unit: fc.constantFrom(...'0123456789+-R'.split('')),
        minLength: 16,
        maxLength: 16,
      }),
    );
    fc.assert(
      fc.property(any, (text) => {
        const instant = parseTime(text, now);
        expect(instant === undefined || Number.isFinite(instant)).toBe(true);
      }),
    );
  });
});
