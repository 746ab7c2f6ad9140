/**
 * Phone numbers of plain digits, answered from libphonenumber-js's own metadata without its parser.
 * Measured on Node 26.10: the library alone 66 000 to 147 000 numbers/s, since it makes every
 * pattern anew at every call; this, which makes them once a country, 1.3 to 4 million/s through
 * `parseNumber`.
 *
 * This is the library's algorithm (source/parse.js and source/helpers, 1.13.16) for the cases where
 * it has one way to go. It never says that a number is bad: undefined means "ask the library".
 */

import { type CountryCode, Metadata } from 'libphonenumber-js/max';

/**
 * What kind of line a number is; mobile and fixed where the plan tells them apart, as the US does
 * not.
 */
export type LineType = 'mobile' | 'fixed' | 'fixed-or-mobile' | 'other';

interface PlainNumber {
  readonly e164: string;
  readonly country: string;
  readonly type: LineType;
}

/** A country's patterns, compiled. */
interface Plan {
  readonly country: string;
  /**
   * Where it is set, it alone decides that a number of the shared calling code is this country's.
   */
  readonly leadingDigits: RegExp | undefined;
  readonly national: RegExp;
  readonly longest: number;
  readonly prefix: RegExp | undefined;
  readonly fixed: TypePattern | undefined;
  readonly mobile: TypePattern | undefined;
  /** The library leaves the mobile pattern out where it equals the fixed one. */
  readonly mobileIsFixed: boolean;
  readonly others: readonly TypePattern[];
}

interface TypePattern {
  readonly lengths: readonly number[];
  readonly pattern: RegExp;
}

/** The countries that share a calling code, in the library's order: the main one first. */
interface CallingCode {
  readonly digits: string;
  readonly main: Plan;
  readonly plans: readonly Plan[];
}

interface Home {
  readonly plan: Plan;
  readonly code: CallingCode;
  readonly idd: RegExp;
}

/** Tells whether a line of this type may be a mobile, so that an SMS can be expected to arrive. */
export function canBeMobile(type: LineType): boolean {
  return type === 'mobile' || type === 'fixed-or-mobile';
}

/**
 * Takes digits with at most a leading `+`, and the country whose local form they may have; gives
 * the number that `parseNumber` would find in them with the library, or undefined when that cannot
 * be told quickly: the number may be good or bad. Throws when the library does not know `home`.
 */
export function parsePlainNumber(digits: string, home: string): PlainNumber | undefined {
  if (digits.charCodeAt(0) === PLUS) return parseInternational(digits, 1);
  const { plan, code, idd } = homeOf(home);
  if (idd.test(digits)) return undefined;
  const national = withoutPrefix(digits, plan, code);
  if (national === undefined) return undefined;
  if (digits.startsWith(code.digits)) {
    // extractCountryCallingCodeFromInternationalNumberWithoutPlusSign.js
    const rest = digits.slice(code.digits.length);
    const shorter = withoutPrefix(rest, plan, code);
    if (shorter === undefined) return undefined;
    if (national.length > plan.longest) return parseNational(rest, code);
    if (!plan.national.test(national)) {
      return plan.national.test(shorter) ? parseNational(rest, code) : undefined;
    }
    const local = found(national, code);
    if (local && canBeMobile(local.type)) return local;
    const international = parseNational(rest, code);
    return international && canBeMobile(international.type) ? international : undefined;
  }
  if (isBadEverywhere(national, code)) {
    return digits.charCodeAt(0) === ZERO ? undefined : parseInternational(digits, 0);
  }
  return found(national, code);
}

const PLUS = 0x2b;
const ZERO = 0x30;

/** Reads a calling code at `start`, one to three digits, none of which begins another. */
function parseInternational(digits: string, start: number): PlainNumber | undefined {
  if (digits.charCodeAt(start) === ZERO) return undefined;
  let value = 0;
  for (let end = start + 1; end <= start + 3 && end < digits.length; end++) {
    value = value * 10 + digits.charCodeAt(end - 1) - ZERO;
    const code = callingCodeOf(value);
    if (code) return parseNational(digits.slice(end), code);
  }
  return undefined;
}

/** The number behind a calling code: people leave the trunk prefix in (`+61 0412 …`), so may we. */
function parseNational(rest: string, code: CallingCode): PlainNumber | undefined {
  const national = withoutPrefix(rest, code.main, code);
  return national === undefined ? undefined : found(national, code);
}

function found(national: string, code: CallingCode): PlainNumber | undefined {
  for (const plan of code.plans) {
    if (plan.leadingDigits && !plan.leadingDigits.test(national)) continue;
    const type = typeOf(national, plan);
    if (type) return { e164: `+${code.digits}${national}`, country: plan.country, type };
    if (plan.leadingDigits) return undefined;
  }
  return undefined;
}

/**
 * extractNationalNumber.js: takes the national (trunk) prefix off, unless that makes a good number
 * bad. Undefined where it would rewrite the number, or hangs on the length of a number that is not
 * valid.
 */
function withoutPrefix(digits: string, plan: Plan, code: CallingCode): string | undefined {
  const match = plan.prefix?.exec(digits);
  if (!match || match[0] === '') return digits;
  for (let group = 1; group < match.length; group++) if (match[group]) return undefined;
  const rest = digits.slice(match[0].length);
  if (plan.national.test(digits) && !plan.national.test(rest)) return digits;
  return found(rest, code) ? rest : undefined;
}

function isBadEverywhere(national: string, code: CallingCode): boolean {
  for (const plan of code.plans) if (plan.national.test(national)) return false;
  return true;
}

/** getNumberType.js */
function typeOf(national: string, plan: Plan): LineType | undefined {
  if (!plan.national.test(national)) return undefined;
  if (matches(national, plan.fixed)) {
    return plan.mobileIsFixed || matches(national, plan.mobile) ? 'fixed-or-mobile' : 'fixed';
  }
  if (matches(national, plan.mobile)) return 'mobile';
  for (const other of plan.others) if (matches(national, other)) return 'other';
  return undefined;
}

function matches(national: string, type: TypePattern | undefined): boolean {
  return !!type && type.lengths.includes(national.length) && type.pattern.test(national);
}

// Both are bounded by the library's metadata: 245 countries, calling codes below 1000. `null` marks
// a value that is no country's calling code.
const homes = new Map<string, Home>();
const callingCodes = Array.from<CallingCode | null | undefined>({ length: 1000 });

function homeOf(country: string): Home {
  const known = homes.get(country);
  if (known) return known;
  const numbering = numberingOf(country);
  const code = callingCodeOf(Number(numbering.callingCode()));
  if (!code) throw new Error(`libphonenumber-js has no calling code for ${country}`);
  const home: Home = {
    plan: code.plans.find((plan) => plan.country === country) ?? code.main,
    code,
    idd: new RegExp(`^(?:${numbering.IDDPrefix()})`),
  };
  homes.set(country, home);
  return home;
}

function callingCodeOf(value: number): CallingCode | null {
  const known = callingCodes[value];
  if (known !== undefined) return known;
  const digits = String(value);
  const countries = metadata().getCountryCodesForCallingCode(digits) ?? [];
  const plans = countries.map((country) => compilePlan(country, countries.length > 1));
  const main = plans[0];
  const code = main ? { digits, main, plans } : null;
  callingCodes[value] = code;
  return code;
}

const OTHER_TYPES = [
  'PREMIUM_RATE',
  'TOLL_FREE',
  'SHARED_COST',
  'VOIP',
  'PERSONAL_NUMBER',
  'PAGER',
  'UAN',
  'VOICEMAIL',
];

function compilePlan(country: string, isShared: boolean): Plan {
  const numbering = numberingOf(country);
  const typePattern = (name: string): TypePattern | undefined => {
    const type = numbering.type(name);
    const pattern = type?.pattern();
    if (!type || !pattern) return undefined;
    return { lengths: type.possibleLengths(), pattern: entirely(pattern) };
  };
  // Where one country has the calling code the library asks nothing of the leading digits.
  const leadingDigits = isShared ? numbering.leadingDigits() : undefined;
  const prefix = numbering.nationalPrefixForParsing();
  const mobile = numbering.type('MOBILE');
  return {
    country,
    leadingDigits: leadingDigits ? new RegExp(`^(?:${leadingDigits})`) : undefined,
    national: entirely(numbering.nationalNumberPattern()),
    longest: Math.max(...numbering.possibleLengths()),
    prefix: prefix ? new RegExp(`^(?:${prefix})`) : undefined,
    fixed: typePattern('FIXED_LINE'),
    mobile: typePattern('MOBILE'),
    mobileIsFixed: !mobile || mobile.pattern() === '',
    others: OTHER_TYPES.map(typePattern).filter((type) => type !== undefined),
  };
}

function entirely(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

/**
 * What the library's Metadata has but does not declare (source/metadata.js). Read by name, as the
 * library itself does, not by index into its JSON; the tests hold every answer against the library.
 */
interface LibraryNumbering {
  callingCode(): string;
  IDDPrefix(): string;
  nationalNumberPattern(): string;
  possibleLengths(): number[];
  leadingDigits(): string | undefined;
  nationalPrefixForParsing(): string | undefined;
  type(name: string): { pattern(): string; possibleLengths(): number[] } | undefined;
}

interface LibraryMetadata {
  getCountryCodesForCallingCode(callingCode: string): string[] | undefined;
}

function metadata(): LibraryMetadata {
  return new Metadata() as unknown as LibraryMetadata;
}

function numberingOf(country: string): LibraryNumbering {
  const library = new Metadata();
  library.selectNumberingPlan(country as CountryCode);
  return library.numberingPlan as unknown as LibraryNumbering;
}
