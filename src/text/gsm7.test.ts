import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstNonGsm7, gsm7Length, isGsm7, septetsOf, stripToGsm7 } from './gsm7.ts';

// Code points, written anew from 3GPP TS 23.038 §6.2.1 so that a slip in the table's text shows.
const BASIC = [
  0x40,
  0xa3,
  0x24,
  0xa5,
  0xe8,
  0xe9,
  0xf9,
  0xec,
  0xf2,
  0xc7,
  0x0a,
  0xd8,
  0xf8,
  0x0d,
  0xc5,
  0xe5,
  0x394,
  0x5f,
  0x3a6,
  0x393,
  0x39b,
  0x3a9,
  0x3a0,
  0x3a8,
  0x3a3,
  0x398,
  0x39e,
  0xc6,
  0xe6,
  0xdf,
  0xc9,
  0x20,
  0x21,
  0x22,
  0x23,
  0xa4,
  0xa1,
  0xc4,
  0xd6,
  0xd1,
  0xdc,
  0xa7,
  0xbf,
  0xe4,
  0xf6,
  0xf1,
  0xfc,
  0xe0,
  ...Array.from({ length: 0x3f - 0x25 + 1 }, (_, i) => 0x25 + i),
  ...Array.from({ length: 26 }, (_, i) => 0x41 + i),
  ...Array.from({ length: 26 }, (_, i) => 0x61 + i),
];
const EXTENSION = [0x0c, 0x5e, 0x7b, 0x7d, 0x5c, 0x5b, 0x7e, 0x5d, 0x7c, 0x20ac];

describe('the alphabet', () => {
  it('has 127 characters of one septet and 10 of two, and nothing else', () => {
    expect(new Set(BASIC).size).toBe(127);
    const expected = new Map([
      ...BASIC.map((code) => [code, 1] as const),
      ...EXTENSION.map((code) => [code, 2] as const),
    ]);
    const wrong: number[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      if (septetsOf(code) !== (expected.get(code) ?? 0)) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });
});

describe('isGsm7, gsm7Length, firstNonGsm7, stripToGsm7', () => {
  it.each<[string, number, string | undefined, string]>([
    ['', 0, undefined, ''],
    ['Hello', 5, undefined, 'Hello'],
    ['costs 5€', 9, undefined, 'costs 5€'],
    ['^{}\\[~]|€\f', 20, undefined, '^{}\\[~]|€\f'],
    ['Ç', 1, undefined, 'Ç'],
    ['ç', -1, 'ç', ''],
    ['`tick`', -1, '`', 'tick'],
    ['a\tb', -1, '\t', 'ab'],
    ['a\u001bb', -1, '\u001b', 'ab'],
    ['hi 😀 you', -1, '😀', 'hi  you'],
    ['“quoted”', -1, '“', 'quoted'],
    ['x\ud83d', -1, '\ud83d', 'x'],
    ['x\ude00y', -1, '\ude00', 'xy'],
  ])('%j', (text, length, first, stripped) => {
    expect(isGsm7(text)).toBe(length >= 0);
    expect(gsm7Length(text)).toBe(length);
    expect(firstNonGsm7(text)).toBe(first);
    expect(stripToGsm7(text)).toBe(stripped);
  });

  it('agree with one another on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const stripped = stripToGsm7(text);
        expect(isGsm7(stripped)).toBe(true);
        expect(
          Array.from(text)
            .filter((character) => isGsm7(character))
            .join(''),
        ).toBe(stripped);
        expect(isGsm7(text)).toBe(stripped === text);
        expect(gsm7Length(text) === -1).toBe(stripped !== text);
        expect(firstNonGsm7(text)).toBe(Array.from(text).find((character) => !isGsm7(character)));
      }),
    );
  });
});
