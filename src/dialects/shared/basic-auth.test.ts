import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBasicAuth } from './basic-auth.ts';

const header = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  `Basic ${Buffer.from(text, encoding).toString('base64')}`;

describe('parseBasicAuth', () => {
  it.each([
    ['Basic dXNlcjEyMzpteXBhc3N3b3Jk', 'user123', 'mypassword'],
    [header('user:pass:with:colons'), 'user', 'pass:with:colons'],
    [header('ünï:pässwörd€'), 'ünï', 'pässwörd€'],
    [header('user:päss', 'latin1'), 'user', 'päss'],
    [header('user:'), 'user', ''],
    [header(':pass'), '', 'pass'],
    ['bAsIc   dXNlcjpwYXNz  ', 'user', 'pass'],
    // Without its padding, and in the URL's alphabet.
    ['Basic dTpwYXM', 'u', 'pas'],
    [header('u:>>>???').replaceAll('+', '-').replaceAll('/', '_'), 'u', '>>>???'],
  ])('reads %s', (value, username, password) => {
    expect(parseBasicAuth(value)).toEqual({ username, password });
  });

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic dXNlcg==',
    'Bearer dTpw',
    'Basic a b',
    'Basic =',
    'Basic ü',
  ])('finds none in %j', (value) => {
    expect(parseBasicAuth(value)).toBeUndefined();
  });

  it('gives back whatever was written', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes(':')),
        fc.string({ unit: 'binary' }),
        (username, password) => {
          expect(parseBasicAuth(header(`${username}:${password}`))).toEqual({ username, password });
        },
      ),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (value) => void parseBasicAuth(`Basic ${value}`)));
  });
});
