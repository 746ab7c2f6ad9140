import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, encodeText, isLatin1 } from './alphabets.ts';
import { stripToGsm7 } from './gsm7.ts';

const hex = (octets: Buffer) => octets.toString('hex');

describe('a text on the wire', () => {
  it.each([
    ['@£$', 'gsm7', '000102'],
    ['Ça ÆØ', 'gsm7', '0961201c0b'],
    ['{€}~', 'gsm7', '1b281b651b291b3d'],
    ['a\f|b', 'gsm7', '611b0a1b4062'],
    ['é£', 'latin1', 'e9a3'],
    ['Hi', 'ascii', '4869'],
    ['Hé', 'ascii', '483f'],
    ['Δ', 'latin1', '3f'],
    ['漢', 'gsm7', '3f'],
    ['Añ', 'ucs2', '004100f1'],
    ['😀', 'ucs2', 'd83dde00'],
  ] as const)('%j in %s is %s', (text, alphabet, octets) => {
    expect(hex(encodeText(text, alphabet))).toBe(octets);
  });

  it.each([
    ['an escape at the end', '411b', 'A '],
    ['an escape before what is not in the extension table', '1b41', 'A'],
    ['two escapes', '1b1b41', ' A'],
    ['an octet that is no septet', '41e9', 'Aé'],
  ])('%s is read from gsm7', (_, octets, text) => {
    expect(decodeText(Buffer.from(octets, 'hex'), 'gsm7')).toBe(text);
  });

  it('an odd last octet of UCS-2 is left out', () => {
    expect(decodeText(Buffer.from('004100', 'hex'), 'ucs2')).toBe('A');
  });

  it('comes back from the alphabet that has it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (any) => {
        const gsm = stripToGsm7(any);
        expect(decodeText(encodeText(gsm, 'gsm7'), 'gsm7')).toBe(gsm);
        const whole = any.toWellFormed();
        expect(decodeText(encodeText(whole, 'ucs2'), 'ucs2')).toBe(whole);
        if (isLatin1(any)) expect(decodeText(encodeText(any, 'latin1'), 'latin1')).toBe(any);
      }),
    );
  });
});
