import { InvalidArgumentError } from 'commander';
import type { Millicredits } from '../../core/money.ts';
import { millicredits } from '../../core/money.ts';
import { parseInstant } from '../../text/instant.ts';
import type { Country } from '../../text/phone-number.ts';
import { isCountry } from '../../text/phone-number.ts';

/**
 * Readers of values that people type, for commander: each takes a text and gives the value, or throws
 * InvalidArgumentError with the phrase that follows "argument '…' is invalid."
 */

/** Credits with at most three decimals: `10`, `2.5`, `-3`. Read without floating point. */
export function parseCredits(text: string): Millicredits {
  const match = /^([+-]?)(\d{1,9})(?:\.(\d{1,3}))?$/.exec(text.trim());
  if (!match) {
    throw new InvalidArgumentError('It must be credits, such as 10 or 2.5 (at most 3 decimals).');
  }
  const whole = Number(match[2]) * 1000 + Number((match[3] ?? '').padEnd(3, '0'));
  return millicredits(match[1] === '-' && whole > 0 ? -whole : whole);
}

/** A price: credits from 0. */
export function parsePrice(text: string): Millicredits {
  const price = parseCredits(text);
  if (price < 0) throw new InvalidArgumentError('A price cannot be less than 0.');
  return price;
}

/** Two letters of a country, in either case. */
export function parseCountry(text: string): Country {
  const code = text.trim().toUpperCase();
  if (!isCountry(code)) {
    throw new InvalidArgumentError('It must be the two letters of a country, such as AU.');
  }
  return code;
}

/** Countries with commas between. */
export function parseCountries(text: string): Country[] {
  const countries = text
    .split(',')
    .filter((code) => code.trim() !== '')
    .map(parseCountry);
  if (countries.length === 0) {
    throw new InvalidArgumentError('It must be countries with commas between, such as AU,NZ.');
  }
  return [...new Set(countries)];
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A span of time: `90s`, `5m`, `2h`, `1d`, or `0`; gives milliseconds. */
export function parseSpan(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text.trim().toLowerCase());
  if (match) return Number(match[1]) * (unitMs[match[2] ?? ''] ?? 0);
  if (text.trim() === '0') return 0;
  throw new InvalidArgumentError('It must be a time such as 90s, 5m, 2h or 1d, or 0.');
}

/** Reader of whole numbers within limits. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** An instant, UTC unless it names an offset. */
export function parseWhen(text: string): number {
  const instant = parseInstant(text.trim());
  if (instant === undefined) {
    throw new InvalidArgumentError(
      "It must be a time such as '2026-03-01 09:30:00' (UTC) or 2026-03-01T09:30:00+10:00.",
    );
  }
  return instant;
}

/** A day, whose first instant it is, or an instant, both UTC unless it names an offset. */
export function parseDayOrWhen(text: string): number {
  const day = /^\d{4}-\d\d-\d\d$/.test(text.trim());
  return parseWhen(day ? `${text.trim()} 00:00:00` : text);
}

/** A day, whose first instant it is, UTC. */
export function parseDay(text: string): number {
  if (/^\d{4}-\d\d-\d\d$/.test(text.trim())) return parseDayOrWhen(text);
  throw new InvalidArgumentError('It must be a day such as 2026-03-01 (UTC).');
}

/** A day, an instant, or a span of time that ends now. */
export function parseSince(text: string): { at: number } | { ago: number } {
  if (/^\d{4}-/.test(text.trim())) return { at: parseDayOrWhen(text) };
  if (/^\d{1,6}[smhd]$/i.test(text.trim())) return { ago: parseSpan(text) };
  throw new InvalidArgumentError(
    "It must be so far back, such as 24h or 7d, or a time such as 2026-03-01 or '2026-03-01 09:30:00' (UTC).",
  );
}

/** An id of this gateway, as its lists show them. */
export function parseId<Id extends string>(text: string): Id {
  const id = text.trim().toLowerCase();
  if (!isId(id)) {
    throw new InvalidArgumentError('It must be an id as the lists show it, 36 characters long.');
  }
  return id as Id;
}

/** Has it the form of an id? */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

/** For arguments that may be given many times. */
export function collect<Value>(
  read: (text: string) => Value,
): (text: string, before: Value[] | undefined) => Value[] {
  return (text, before = []) => [...before, read(text)];
}
