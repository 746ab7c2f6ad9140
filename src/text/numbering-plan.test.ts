import fc from 'fast-check';
import examples from 'libphonenumber-js/examples.mobile.json';
import {
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { describe, expect, it } from 'vitest';
import { parsePlainNumber } from './numbering-plan.ts';

interface Answer {
  e164: string;
  country: string;
  type: string;
}

/** The number as it is, else with a `+` before it, by the library alone. */
function askLibrary(digits: string, home: CountryCode): Answer | undefined {
  const direct = askOnce(digits, home);
  if (/^[+0]/.test(digits) || direct?.type.endsWith('mobile')) return direct;
  const international = askOnce(`+${digits}`, home);
  if (!direct) return international;
  const mobileAtHome =
    digits.startsWith(getCountryCallingCode(home)) && international?.type.endsWith('mobile');
  return mobileAtHome ? international : direct;
}

function askOnce(digits: string, home: CountryCode): Answer | undefined {
  const number = parsePhoneNumberFromString(digits, { defaultCountry: home, extract: false });
  if (!number?.country || !number.isValid()) return undefined;
  const names: Partial<Record<string, string>> = {
    MOBILE: 'mobile',
    FIXED_LINE: 'fixed',
    FIXED_LINE_OR_MOBILE: 'fixed-or-mobile',
  };
  const type = names[number.getType() ?? ''] ?? 'other';
  return { e164: number.number, country: number.country, type };
}

const digit = fc.integer({ min: 0, max: 9 }).map(String);

/**
 * National numbers near the country's example mobile: valid ones, and valid ones but for a digit or
 * two.
 */
function nationalNumber(country: CountryCode): fc.Arbitrary<string> {
  const example: string = examples[country];
  const otherEnd = fc
    .tuple(fc.integer({ min: 0, max: example.length }), fc.array(digit, { maxLength: 15 }))
    .map(([keep, tail]) => (example.slice(0, keep) + tail.join('')).slice(0, example.length));
  const oneDigitOff = fc
    .tuple(otherEnd, fc.nat(example.length), fc.constantFrom(0, 1), fc.constantFrom('', '0', '9'))
    .map(([number, at, cut, put]) => number.slice(0, at) + put + number.slice(at + cut));
  const anyDigits = fc.array(digit, { minLength: 3, maxLength: 13 }).map((all) => all.join(''));
  return fc.oneof(
    { weight: 5, arbitrary: otherEnd },
    { weight: 3, arbitrary: oneDigitOff },
    { weight: 2, arbitrary: anyDigits },
  );
}

/** The ways a number of the country is written, some of them wrong. */
function written(country: CountryCode): fc.Arbitrary<string> {
  const code = getCountryCallingCode(country);
  const before = ['', '0', '1', '8', code, `+${code}`, `${code}0`, `+${code}0`, `+${code}1`];
  const abroad = [`00${code}`, `0011${code}`, `011${code}`, '+', '00'];
  return fc
    .tuple(fc.constantFrom(...before, ...abroad), nationalNumber(country))
    .map(([prefix, national]) => prefix + national);
}

function agreesWithLibrary(
  home: CountryCode,
  numRuns: number,
  others: readonly CountryCode[],
): void {
  const number = fc.constantFrom(home, home, ...others).chain(written);
  fc.assert(
    fc.property(number, (digits) => {
      const plain = parsePlainNumber(digits, home);
      if (plain) expect(plain).toEqual(askLibrary(digits, home));
    }),
    { numRuns },
  );
}

const OURS: CountryCode[] = ['AU', 'NZ', 'GB', 'US', 'IN', 'DE'];

describe('parsePlainNumber says what libphonenumber-js alone says', () => {
  it.each(OURS)('at home in %s', (home) => agreesWithLibrary(home, 3000, OURS));

  // Shared calling codes, trunk prefixes that rewrite, carrier codes, no trunk prefix at all.
  it.each<CountryCode>(
    [
      'CA',
      'JM',
      'PR',
      'CX',
      'CC',
      'GG',
      'IM',
      'RU',
      'KZ',
      'IT',
      'VA',
      'NO',
      'SJ',
      'FI',
      'AX',
    ].concat([
      'RE',
      'YT',
      'MA',
      'GP',
      'CW',
      'BQ',
      'SH',
      'TA',
      'BR',
      'AR',
      'MX',
      'ID',
      'XK',
      'HU',
      'LT',
      'SG',
      'CI',
    ]) as CountryCode[],
  )('at home in %s', (home) => agreesWithLibrary(home, 400, OURS));

  it('for the example mobile of every country, in every form', () => {
    for (const country of getCountries()) {
      const code = getCountryCallingCode(country);
      for (const prefix of ['', '0', '1', '8', code, `+${code}`, `+${code}0`]) {
        for (const home of [country, 'AU', 'US'] as const) {
          const digits = prefix + examples[country];
          const plain = parsePlainNumber(digits, home);
          if (!plain) continue;
          expect([digits, home, plain]).toEqual([digits, home, askLibrary(digits, home)]);
        }
      }
    }
  });
});

// Without this the agreement above could be that of one that never answers.
describe('parsePlainNumber answers', () => {
  it.each<[string, string, string, string, string]>([
    ['0412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['+61412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['61412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['+610412345678', 'AU', '+61412345678', 'AU', 'mobile'],
    ['61412345678', 'GB', '+61412345678', 'AU', 'mobile'],
    ['0298765432', 'AU', '+61298765432', 'AU', 'fixed'],
    ['1800801920', 'AU', '+611800801920', 'AU', 'other'],
    ['0211234567', 'NZ', '+64211234567', 'NZ', 'mobile'],
    ['64211234567', 'NZ', '+64211234567', 'NZ', 'mobile'],
    ['07400123456', 'GB', '+447400123456', 'GB', 'mobile'],
    ['447400123456', 'GB', '+447400123456', 'GB', 'mobile'],
    ['447400123456', 'AU', '+447400123456', 'GB', 'mobile'],
    ['+447781123456', 'GB', '+447781123456', 'GG', 'mobile'],
    ['2015550123', 'US', '+12015550123', 'US', 'fixed-or-mobile'],
    ['12015550123', 'US', '+12015550123', 'US', 'fixed-or-mobile'],
    ['+12015550123', 'AU', '+12015550123', 'US', 'fixed-or-mobile'],
    ['4165550123', 'CA', '+14165550123', 'CA', 'fixed-or-mobile'],
    ['4165550123', 'US', '+14165550123', 'CA', 'fixed-or-mobile'],
    ['9123456789', 'IN', '+919123456789', 'IN', 'mobile'],
    ['919123456789', 'IN', '+919123456789', 'IN', 'mobile'],
    ['09123456789', 'IN', '+919123456789', 'IN', 'mobile'],
    ['015123456789', 'DE', '+4915123456789', 'DE', 'mobile'],
    ['4915123456789', 'DE', '+4915123456789', 'DE', 'mobile'],
    ['6281212345678', 'ID', '+6281212345678', 'ID', 'mobile'],
    ['38344123456', 'XK', '+38344123456', 'XK', 'mobile'],
    ['89161234567', 'RU', '+79161234567', 'RU', 'mobile'],
    ['+77010123456', 'RU', '+77010123456', 'KZ', 'mobile'],
    ['+5491123456789', 'AU', '+5491123456789', 'AR', 'mobile'],
  ])('%s at home in %s', (digits, home, e164, country, type) => {
    expect(parsePlainNumber(digits, home)).toEqual({ e164, country, type });
  });

  it.each<[string, string]>([
    ['', 'AU'],
    ['+', 'AU'],
    ['+0412345678', 'AU'],
    ['+015123000000', 'AU'],
    ['+999123456789', 'AU'],
    ['0061412345678', 'NZ'],
    ['001161412345678', 'AU'],
    ['0000000000', 'AU'],
    ['04123456789', 'AU'],
    ['041234567', 'AU'],
    ['+88312345678', 'AU'],
  ])('nothing for %j at home in %s', (digits, home) => {
    expect(parsePlainNumber(digits, home)).toBeUndefined();
  });

  it('throws for a country without a numbering plan', () => {
    expect(() => parsePlainNumber('0412345678', 'ZZ')).toThrow();
  });
});
