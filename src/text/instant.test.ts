import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatIso, formatUtc, parseInstant } from './instant.ts';

const FIRST_MS = Date.parse('0000-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');
const anyInstant = fc.oneof(
  fc.integer({ min: FIRST_MS, max: LAST_MS }),
  fc.integer({ min: 0, max: 4_102_444_800_000 }),
);

describe('formatUtc', () => {
  it.each([
    [0, '1970-01-01 00:00:00'],
    [-1, '1969-12-31 23:59:59'],
    [1_709_210_096_999, '2024-02-29 12:34:56'],
    [FIRST_MS, '0000-01-01 00:00:00'],
    [LAST_MS, '9999-12-31 23:59:59'],
  ])('%d', (ms, text) => {
    expect(formatUtc(ms)).toBe(text);
  });

  it.each([Number.NaN, Infinity, -Infinity, LAST_MS + 1, FIRST_MS - 1])('refuses %d', (ms) => {
    expect(() => formatUtc(ms)).toThrow(RangeError);
  });

  it('agrees with Date on any instant', () => {
    fc.assert(
      fc.property(anyInstant, (ms) => {
        expect(formatUtc(ms)).toBe(new Date(ms).toISOString().slice(0, 19).replace('T', ' '));
      }),
      { numRuns: 1000 },
    );
  });

  it('agrees with Date in the form of ISO 8601', () => {
    fc.assert(
      fc.property(anyInstant, (ms) => {
        expect(formatIso(ms)).toBe(new Date(ms).toISOString());
      }),
      { numRuns: 1000 },
    );
    expect(() => formatIso(Number.NaN)).toThrow(RangeError);
  });

  it('agrees with Date on every day from 1890 to 2110', () => {
    const wrong: string[] = [];
    for (let ms = Date.UTC(1890, 0, 1); ms < Date.UTC(2110, 0, 1); ms += 86_400_000) {
      const expected = new Date(ms).toISOString();
      if (formatUtc(ms) !== `${expected.slice(0, 10)} 00:00:00`) wrong.push(expected);
      if (parseInstant(expected) !== ms) wrong.push(expected);
    }
    expect(wrong).toEqual([]);
  });
});

describe('parseInstant', () => {
  it.each([
    ['2024-02-29 12:34:56', '2024-02-29T12:34:56.000Z'],
    ['2024-02-29T12:34:56', '2024-02-29T12:34:56.000Z'],
    ['2024-02-29T12:34:56Z', '2024-02-29T12:34:56.000Z'],
    ['2024-02-29T12:34:56.7Z', '2024-02-29T12:34:56.700Z'],
    ['2024-02-29T12:34:56.789999Z', '2024-02-29T12:34:56.789Z'],
    ['2024-02-29 12:34:56.789', '2024-02-29T12:34:56.789Z'],
    ['2024-02-29T12:34:56+10:00', '2024-02-29T02:34:56.000Z'],
    ['2024-02-29T12:34:56+1000', '2024-02-29T02:34:56.000Z'],
    ['2024-02-29T12:34:56.500-03:30', '2024-02-29T16:04:56.500Z'],
    ['2024-02-29 12:34:56+00:00', '2024-02-29T12:34:56.000Z'],
    ['2000-02-29 00:00:00', '2000-02-29T00:00:00.000Z'],
    ['0050-01-01 00:00:00', '0050-01-01T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(parseInstant(text)).toBe(Date.parse(iso));
  });

  it.each([
    '',
    'now',
    '2024-02-30 00:00:00',
    '2023-02-29 00:00:00',
    '1900-02-29 00:00:00',
    '2024-04-31 00:00:00',
    '2024-00-10 00:00:00',
    '2024-13-10 00:00:00',
    '2024-01-00 00:00:00',
    '2024-01-01 24:00:00',
    '2024-01-01 23:60:00',
    '2024-01-01 23:59:60',
    '2024-01-01',
    '2024-01-01 12:00',
    '2024-1-1 12:00:00',
    '24-01-01 12:00:00',
    '+002024-01-01T12:00:00Z',
    '2024-01-01 12:00:00 ',
    ' 2024-01-01 12:00:00',
    '2024-01-01 12:00:00\n',
    '2024-01-01  12:00:00',
    '2024-01-01t12:00:00z',
    '2024-01-01T12:00:00.',
    '2024-01-01T12:00:00.Z',
    '2024-01-01T12:00:00,5Z',
    '2024-01-01T12:00:00.1234567890Z',
    '2024-01-01T12:00:00 10:00',
    '2024-01-01T12:00:00+10',
    '2024-01-01T12:00:00+24:00',
    '2024-01-01T12:00:00+10:60',
    '2024/01/01 12:00:00',
    '20240101T120000Z',
    '1704110400',
    '2024-01-01T12:00:00Z[Europe/Berlin]',
    '٢٠٢٤-01-01 12:00:00',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('reads what formatUtc and Date write', () => {
    fc.assert(
      fc.property(anyInstant, (ms) => {
        expect(parseInstant(formatUtc(ms))).toBe(Math.floor(ms / 1000) * 1000);
        expect(parseInstant(new Date(ms).toISOString())).toBe(ms);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no text that Date does not', () => {
    const two = fc.integer({ min: 0, max: 99 }).map((n) => String(n).padStart(2, '0'));
    const time = fc.tuple(two, two, two, two, two);
    fc.assert(
      fc.property(time, fc.constantFrom('Z', '+09:30', '-11:00'), ([m, d, h, min, s], zone) => {
        const text = `2023-${m}-${d}T${h}:${min}:${s}${zone}`;
        const ms = parseInstant(text);
        if (ms === undefined) return;
        expect(ms).toBe(Date.parse(text));
        expect(
          formatUtc(ms + (zone === 'Z' ? 0 : zone === '+09:30' ? 34_200_000 : -39_600_000)),
        ).toBe(text.slice(0, 19).replace('T', ' '));
      }),
      { numRuns: 1000 },
    );
  });
});
