import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asE164, type Country, isCountry, parseNumber } from './phone-number.ts';

const country = (code: string) => code as Country;

describe('isCountry', () => {
  it.each(['AU', 'NZ', 'GB', 'US', 'XK'])('takes %s', (code) => expect(isCountry(code)).toBe(true));

  it.each(['', 'au', 'UK', 'ZZ', '61', '001', 'AUS', 'AU ', 'toString', '__proto__'])(
    'refuses %j',
    (code) => expect(isCountry(code)).toBe(false),
  );
});

describe('asE164', () => {
  it.each(['+61412345678', '+123456', '+123456789012345'])('takes %s', (text) => {
    expect(asE164(text)).toBe(text);
  });

  it.each([
    '',
    '+',
    '61412345678',
    '+0412345678',
    '+12345',
    '+1234567890123456',
    '+61 412 345 678',
    '+61412345678\n',
    ' +61412345678',
    '++61412345678',
    '+6141234567a',
    '+٦١٤١٢٣٤٥٦٧٨',
  ])('refuses %j', (text) => expect(asE164(text)).toBeUndefined());
});

describe('parseNumber', () => {
  it.each<[string, string, string, string, string]>([
    ['0412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['+61412345678', 'US', '+61412345678', 'AU', 'mobile'],
    ['61412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['61412345678', 'NZ', '+61412345678', 'AU', 'mobile'],
    ['0412 345 678', 'AU', '+61412345678', 'AU', 'mobile'],
    [' (04) 1234-5678 ', 'AU', '+61412345678', 'AU', 'mobile'],
    ['+61 (0)412 345 678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['(+61) 412.345.678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['[02] 9876 5432', 'AU', '+61298765432', 'AU', 'fixed'],
    ['1800 801 920', 'AU', '+611800801920', 'AU', 'other'],
    ['0011 64 21 123 4567', 'AU', '+64211234567', 'NZ', 'mobile'],
    ['0011 64 21 123 4567', 'US', '+64211234567', 'NZ', 'mobile'],
    ['0011 44 7400 123456', 'NZ', '+447400123456', 'GB', 'mobile'],
    ['00 61 412 345 678', 'NZ', '+61412345678', 'AU', 'mobile'],
    ['0061412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['0061412345678', 'US', '+61412345678', 'AU', 'mobile'],
    ['011 61 412 345 678', 'US', '+61412345678', 'AU', 'mobile'],
    ['0171/1234567', 'DE', '+491711234567', 'DE', 'mobile'],
    ['(201) 555-0123', 'US', '+12015550123', 'US', 'fixed-or-mobile'],
    ['9876543210', 'IN', '+919876543210', 'IN', 'mobile'],
    // Local reading first: both are good numbers in India.
    ['9123456789', 'IN', '+919123456789', 'IN', 'mobile'],
    // Mobiles of the home country, though the library also reads fixed numbers in them.
    ['49 1512 3456789', 'DE', '+4915123456789', 'DE', 'mobile'],
    ['6281212345678', 'ID', '+6281212345678', 'ID', 'mobile'],
    // Copied from an address book: direction marks, non-breaking hyphens and spaces.
    ['\u202a+61\u00a0412\u2011345\u2011678\u202c', 'AU', '+61412345678', 'AU', 'mobile'],
    // Rewritten by the numbering plan: 15 behind the area code becomes 9 before it.
    ['011 15 2345 6789', 'AR', '+5491123456789', 'AR', 'mobile'],
    ['+39 06 1234 5678', 'AU', '+390612345678', 'IT', 'fixed'],
  ])('%j at home in %s', (input, home, e164, where, type) => {
    expect(parseNumber(input, country(home))).toEqual({ e164, country: where, type });
  });

  it.each([
    '',
    ' ',
    '+',
    '++61412345678',
    '61+412345678',
    '+61412345678+',
    'CompanyABC',
    '0412345678 ext 5',
    '0412345678x5',
    '0412345678;ext=5',
    'tel:+61412345678',
    'call 0412345678',
    '041234567',
    '04123456789',
    '+6141234567',
    '+0412345678',
    '000',
    '112',
    '12345',
    '+999412345678',
    '0412345678,0412345679',
    '0412,345,678',
    '0412345678\u0000',
    '٠٤١٢٣٤٥٦٧٨',
    // Of no country: international networks and free numbers.
    '+883510001234567',
    '+80012345678',
    // Good but for its length.
    `0412345678${' '.repeat(23)}`,
    '1'.repeat(1_000_000),
    '('.repeat(1_000_000),
  ])('refuses %j', (input) => {
    expect(parseNumber(input, country('AU'))).toBeUndefined();
  });

  it('gives only E.164 of a country, and gives the same for what it gave', () => {
    const input = fc.oneof(
      fc.string({ maxLength: 40 }),
      fc.string({ unit: fc.constantFrom(...Array.from('0123456789+ -()')), maxLength: 33 }),
      fc.string({
        unit: fc.constantFrom(...Array.from('0123456789')),
        minLength: 8,
        maxLength: 17,
      }),
    );
    const home = fc.constantFrom('AU', 'NZ', 'GB', 'US', 'IN', 'DE', 'AR', 'IT').map(country);
    fc.assert(
      fc.property(input, home, (text, at) => {
        const number = parseNumber(text, at);
        if (!number) return;
        expect(asE164(number.e164)).toBe(number.e164);
        expect(isCountry(number.country)).toBe(true);
        expect(parseNumber(number.e164, at)).toEqual(number);
      }),
      { numRuns: 3000 },
    );
  });
});
