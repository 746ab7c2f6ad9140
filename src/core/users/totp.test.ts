import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base32, codeAt, fromBase32, keyUri, stepOf } from './totp.ts';

/** RFC 6238 appendix B, SHA-1: seconds since the epoch, and the code of eight digits. */
const rfc6238 = [
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
] as const;
const secret = Buffer.from('12345678901234567890');

describe('codes', () => {
  it.each(rfc6238)('at %i s is %s', (seconds, code) => {
    expect(codeAt(secret, Math.floor(seconds / 30), 8)).toBe(code);
    expect(codeAt(secret, Math.floor(seconds / 30))).toBe(code.slice(2));
  });

  it('are taken of the present step and its neighbours', () => {
    const now = 1111111111_000;
    const present = Math.floor(now / 30_000);
    const taken = [-2, -1, 0, 1, 2].map((off) =>
      stepOf(codeAt(secret, present + off), secret, { now, after: 0 }),
    );
    expect(taken).toEqual([undefined, present - 1, present, present + 1, undefined]);
  });

  it('are not taken again, nor older ones', () => {
    const now = 1111111111_000;
    const present = Math.floor(now / 30_000);
    for (const [off, after, fine] of [
      [0, present - 1, true],
      [0, present, false],
      [-1, present, false],
      [1, present, true],
    ] as const) {
      const step = stepOf(codeAt(secret, present + off), secret, { now, after });
      expect(step !== undefined, `${off}`).toBe(fine);
    }
  });

  it.each(['', '12345', '1234567', 'abcdef', '123 45', '١٢٣٤٥٦'])('%j is none', (code) => {
    expect(stepOf(code, secret, { now: 59_000, after: 0 })).toBeUndefined();
  });
});

describe('base32', () => {
  /** RFC 4648 section 10. */
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('of %j is %j', (plain, text) => {
    expect(base32(Buffer.from(plain))).toBe(text);
    expect(Buffer.from(fromBase32(text)).toString()).toBe(plain);
  });

  it('is read back whatever it was made of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(fromBase32(base32(bytes))).toEqual(bytes);
      }),
    );
  });
});

it('apps are told all by one text', () => {
  expect(keyUri('GEZD', { issuer: 'Parlance', email: 'a+b@example.org' })).toBe(
    'otpauth://totp/Parlance:a%2Bb%40example.org?secret=GEZD&issuer=Parlance&algorithm=SHA1&digits=6&period=30',
  );
});
