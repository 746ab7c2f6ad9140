import fc from 'fast-check';
import oracle from 'split-sms';
import { describe, expect, it } from 'vitest';
import { gsm7Length, isGsm7 } from './gsm7.ts';
import { type Encoding, measureText, splitText } from './parts.ts';

const latin = (count: number) => 'a'.repeat(count);
const cyrillic = (count: number) => 'ж'.repeat(count);

describe('measureText', () => {
  it.each<[string, string, Encoding, number, number]>([
    ['nothing', '', 'gsm7', 0, 1],
    ['160 letters', latin(160), 'gsm7', 160, 1],
    ['161 letters', latin(161), 'gsm7', 161, 2],
    ['153 letters', latin(153), 'gsm7', 153, 1],
    ['306 letters', latin(306), 'gsm7', 306, 2],
    ['307 letters', latin(307), 'gsm7', 307, 3],
    ['80 euros', '€'.repeat(80), 'gsm7', 160, 1],
    ['81 euros: 76 fit a part', '€'.repeat(81), 'gsm7', 162, 2],
    ['153 euros: 306 septets, a septet lost in each part', '€'.repeat(153), 'gsm7', 306, 3],
    ['an escape that would straddle', `${latin(152)}€${latin(152)}`, 'gsm7', 306, 3],
    ['an escape that just fits', `${latin(151)}€${latin(153)}`, 'gsm7', 306, 2],
    ['158 letters and a euro', `${latin(158)}€`, 'gsm7', 160, 1],
    ['159 letters and a euro', `${latin(159)}€`, 'gsm7', 161, 2],
    ['70 Cyrillic', cyrillic(70), 'ucs2', 70, 1],
    ['71 Cyrillic', cyrillic(71), 'ucs2', 71, 2],
    ['134 Cyrillic', cyrillic(134), 'ucs2', 134, 2],
    ['135 Cyrillic', cyrillic(135), 'ucs2', 135, 3],
    ['35 emoji', '😀'.repeat(35), 'ucs2', 70, 1],
    ['36 emoji: 33 fit a part', '😀'.repeat(36), 'ucs2', 72, 2],
    ['67 emoji: 134 units, one lost in each part', '😀'.repeat(67), 'ucs2', 134, 3],
    ['an emoji that would straddle', `${cyrillic(66)}😀${cyrillic(66)}`, 'ucs2', 134, 3],
    ['an emoji that just fits', `${cyrillic(65)}😀${cyrillic(67)}`, 'ucs2', 134, 2],
    ['69 letters and one that GSM-7 has not', `${latin(69)}ж`, 'ucs2', 70, 1],
    [
      'a lone high surrogate at the boundary',
      `${cyrillic(66)}\ud83d${cyrillic(67)}`,
      'ucs2',
      134,
      2,
    ],
    [
      'a lone low surrogate at the boundary',
      `${cyrillic(67)}\ude00${cyrillic(66)}`,
      'ucs2',
      134,
      2,
    ],
  ])('%s', (_name, text, encoding, units, parts) => {
    expect(measureText(text)).toEqual({ encoding, units, parts });
    expect(splitText(text, encoding)).toHaveLength(parts);
  });
});

describe('splitText', () => {
  it('keeps an escape and its character, and a surrogate pair, in one part', () => {
    expect(splitText(`${latin(152)}€${latin(152)}`, 'gsm7')).toEqual([
      latin(152),
      `€${latin(151)}`,
      'a',
    ]);
    expect(splitText(`${cyrillic(66)}😀${cyrillic(66)}`, 'ucs2')).toEqual([
      cyrillic(66),
      `😀${cyrillic(65)}`,
      'ж',
    ]);
  });

  it('sends any text as ucs2 when asked', () => {
    expect(splitText(latin(71), 'ucs2')).toEqual([latin(67), latin(4)]);
  });

  it('refuses gsm7 for what it cannot write', () => {
    expect(() => splitText('ж', 'gsm7')).toThrow(RangeError);
  });
});

// Lengths lean to the boundaries: a run of one-unit characters, then a mixture.
const run = fc.constantFrom(0, 1, 63, 64, 65, 66, 67, 68, 70, 130, 133, 151, 152, 153, 159, 304);
const text = (fill: string, unit: fc.Arbitrary<string>) =>
  fc
    .tuple(run, fc.string({ unit, maxLength: 12 }), run, fc.string({ unit, maxLength: 200 }))
    .map(([before, middle, between, end]) => {
      return fill.repeat(before) + middle + fill.repeat(between) + end;
    });
const gsm7Text = text('a', fc.constantFrom('a', '€', '[', 'Δ', '\n', '\f', '@'));
const mixedText = text('ж', fc.constantFrom('a', '€', 'ж', '😀', '👩‍👩‍👧', '中'));
const anyText = text('ж', fc.constantFrom('a', '€', '😀', '\ud83d', '\ude00', '中'));

describe('on any text', () => {
  it('agrees with split-sms where surrogates are paired', () => {
    // split-sms takes whatever follows a high surrogate for its other half, so lone ones are left
    // out.
    fc.assert(
      fc.property(fc.oneof(gsm7Text, mixedText), (message) => {
        const measured = measureText(message);
        const expected = oracle.split(message);
        expect(measured).toEqual({
          encoding: expected.characterSet === 'GSM' ? 'gsm7' : 'ucs2',
          units: expected.characterSet === 'GSM' ? expected.bytes : expected.bytes / 2,
          parts: expected.parts.length,
        });
        expect(splitText(message, measured.encoding)).toEqual(
          expected.parts.map((part) => part.content),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('splits into as many parts as measured, which fit and join to the text', () => {
    fc.assert(
      fc.property(fc.oneof(gsm7Text, mixedText, anyText), (message) => {
        const { encoding, parts } = measureText(message);
        const split = splitText(message, encoding);
        expect(split).toHaveLength(parts);
        expect(split.join('')).toBe(message);
        const limit = { gsm7: [160, 153], ucs2: [70, 67] }[encoding][parts === 1 ? 0 : 1] ?? 0;
        for (const part of split) {
          expect(encoding === 'gsm7' ? gsm7Length(part) : part.length).toBeLessThanOrEqual(limit);
          if (message.isWellFormed()) expect(part.isWellFormed()).toBe(true);
          if (parts > 1) expect(part).not.toBe('');
        }
        expect(encoding === 'gsm7').toBe(isGsm7(message));
      }),
      { numRuns: 1000 },
    );
  });
});
