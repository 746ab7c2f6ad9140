/**
 * Phone numbers as people write them, to E.164 as everything inside keeps them. The knowledge of
 * numbering plans is libphonenumber-js's with its full ("max") metadata; `numbering-plan.ts`
 * answers the ordinary ones without its parser.
 */

import {
  type CountryCode,
  getCountryCallingCode,
  isSupportedCountry,
  type PhoneNumber,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/max';
import { canBeMobile, type LineType, parsePlainNumber } from './numbering-plan.ts';

/** A number in international form, `+` and 6 to 15 digits (ITU-T E.164). */
export type E164 = string & { readonly __brand: 'E164' };

/** An ISO 3166-1 alpha-2 code, upper case, that libphonenumber-js has a numbering plan for. */
export type Country = string & { readonly __brand: 'Country' };

export interface ParsedNumber {
  readonly e164: E164;
  readonly country: Country;
  /**
   * `fixed-or-mobile` where the plan does not tell them apart, as in the US; both may take an SMS.
   */
  readonly type: LineType;
}

/**
 * Takes any text; tells whether it is a country that numbers can be read for: an ISO 3166-1 alpha-2
 * code in upper case. The library also has AC, TA and XK, which ISO only reserves or leaves to
 * users.
 */
export function isCountry(text: string): text is Country {
  return isSupportedCountry(text);
}

const E164_FORM = /^\+[1-9]\d{5,14}$/;

/**
 * Takes any text; gives it back as E164 when it has that form (ITU-T E.164: `+`, no leading zero,
 * at most 15 digits; at least 6 by our own rule), else undefined. Whether such a number can exist
 * is not asked: see `parseNumber`.
 */
export function asE164(text: string): E164 | undefined {
  return E164_FORM.test(text) ? (text as E164) : undefined;
}

/** Digits at the end of two numbers that make them the same one, however the rest is written. */
const tellingDigits = 7;

/** Whether what somebody wrote has digits enough to be compared with a number at all. */
export function isTellingNumber(written: string): boolean {
  return written.replace(/\D/g, '').length >= tellingDigits;
}

/**
 * Whether a number in a form that somebody else chose (with or without plus sign, IDD prefix, country
 * code or trunk zero) can be this one: one's digits end with the other's, by at least seven.
 */
export function isSameNumber(written: string, number: E164): boolean {
  const digits = number.slice(1);
  if (written === digits) return true;
  const bare = written.replace(/\D/g, '').replace(/^0+/, '');
  if (bare.length < tellingDigits) return false;
  return digits.endsWith(bare) || bare.endsWith(digits);
}

// The longest number anyone writes: 15 digits, an IDD prefix and a separator between most of them.
// Longer input is from someone who wants a pattern to work hard.
const LONGEST_INPUT = 32;

// Separators people write, and the invisible marks that come along when a number is copied from an
// address book or a web page: soft hyphen, zero-width and direction marks, byte order mark.
const SEPARATORS =
  /[\s.()[\]/\u002d\u2010-\u2015\u2212\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g;
const PLAIN = /^\+?[0-9]+$/;

/**
 * Takes a number as a stranger wrote it and the country whose local form it may have; gives the
 * number in E.164 with its country and type when libphonenumber-js finds it valid, else undefined.
 * Spaces, dashes, dots, slashes and brackets are passed over. Tried in this order: international
 * with `+`; local, or international with `home`'s own IDD prefix or calling code; international
 * without `+`; international with 0011 or 00. Where digits that begin with `home`'s calling code
 * are a mobile number behind it and at best a fixed one in local form, the mobile is meant.
 * Undefined also for more than 32 characters, letters, commas (they part numbers), extensions,
 * numbers of more than 15 digits, and those of no country (+800, +870, +883 …).
 */
export function parseNumber(input: string, home: Country): ParsedNumber | undefined {
  if (input.length > LONGEST_INPUT) return undefined;
  const digits = PLAIN.test(input) ? input : input.replace(SEPARATORS, '');
  if (!PLAIN.test(digits)) return undefined;
  const plain = parsePlainNumber(digits, home);
  if (plain && asE164(plain.e164)) return plain as ParsedNumber;
  return parseWithLibrary(digits, home);
}

/** Of a number with its plus sign, the home country says nothing. */
const anyCountry = 'AU' as Country;

/** The country of a number, by the numbering plan; undefined for those of no country. */
export function countryOf(number: E164): Country | undefined {
  return parseNumber(number, anyCountry)?.country;
}

function parseWithLibrary(digits: string, home: Country): ParsedNumber | undefined {
  const direct = validNumber(digits, home);
  if (digits.startsWith('+')) return direct;
  if (direct) return mobileBehindCallingCode(digits, home, direct) ?? direct;
  if (!digits.startsWith('0')) return validNumber(`+${digits}`, home);
  // Prefixes that `home` itself may not dial with: 0011 is Australia's, 00 most others'.
  if (digits.startsWith('0011')) {
    const number = validNumber(`+${digits.slice(4)}`, home);
    if (number) return number;
  }
  return digits.startsWith('00') ? validNumber(`+${digits.slice(2)}`, home) : undefined;
}

/**
 * A mobile written 4915112345678 or 6281212345678 is also a fixed number in local form without its
 * trunk zero, to the library: in DE, ID and XK, of the mobiles of all countries. Nobody who sends
 * an SMS means that one.
 */
function mobileBehindCallingCode(
  digits: string,
  home: Country,
  local: ParsedNumber,
): ParsedNumber | undefined {
  if (canBeMobile(local.type) || !digits.startsWith(getCountryCallingCode(codeOf(home)))) {
    return undefined;
  }
  const number = validNumber(`+${digits}`, home);
  return number && canBeMobile(number.type) ? number : undefined;
}

function validNumber(digits: string, home: Country): ParsedNumber | undefined {
  const number = parsePhoneNumberFromString(digits, {
    defaultCountry: codeOf(home),
    extract: false,
  });
  if (!number?.country || !number.isValid()) return undefined;
  const e164 = asE164(number.number);
  return e164 && { e164, country: number.country as string as Country, type: lineTypeOf(number) };
}

/** The library's own type for what the brand already says. */
function codeOf(country: Country): CountryCode {
  return country as string as CountryCode;
}

function lineTypeOf(number: PhoneNumber): LineType {
  switch (number.getType()) {
    case 'MOBILE':
      return 'mobile';
    case 'FIXED_LINE':
      return 'fixed';
    case 'FIXED_LINE_OR_MOBILE':
      return 'fixed-or-mobile';
    default:
      return 'other';
  }
}
