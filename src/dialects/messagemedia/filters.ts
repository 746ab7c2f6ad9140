import { z } from 'zod';
import type { Country } from '../../text/phone-number.ts';
import { isCountry } from '../../text/phone-number.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import { fault, invalid, refusedFor } from './schema.ts';

/*
 * What stands in the query of lists. A parameter without a value is as good as none. All of these throw GatewayError
 * `invalid_request` that names the parameter.
 */

/** `page_size`; beyond the most it is the most. */
export function readPageSize(query: Query, limits: { usual: number; most: number }): number {
  const size = valueOf(query, 'page_size');
  if (size === undefined) return limits.usual;
  if (!/^\d{1,9}$/.test(size) || Number(size) < 1) throw refused('page_size', size);
  return Math.min(Number(size), limits.most);
}

/** Words of the vendor's, by what they stand for here: `SMS` is `sms`. */
export type Words<Word extends string> = Readonly<Record<Word, string>>;

/** The words of a parameter that comes several times, or has commas between them; undefined for none. */
export function readWords<Word extends string>(
  query: Query,
  name: string,
  words: Words<Word>,
): Word[] | undefined {
  const given = [query[name] ?? []].flat().flatMap((one) => one.split(','));
  const written = given.map((one) => one.trim()).filter((one) => one !== '');
  if (written.length === 0) return undefined;
  return [...new Set(written.map((one) => wordOf(one, name, words)))];
}

export function readWord<Word extends string>(
  query: Query,
  name: string,
  words: Words<Word>,
): Word | undefined {
  const written = valueOf(query, name);
  return written === undefined ? undefined : wordOf(written, name, words);
}

/** An ISO 3166-1 alpha-2 code. */
export function readCountry(query: Query): Country | undefined {
  const written = valueOf(query, 'country');
  const code = written?.toUpperCase();
  if (code === undefined || isCountry(code)) return code;
  throw refused('country', written);
}

/** Digits that are looked for within a number; a plus sign may stand before them. */
export function readDigits(query: Query, name: string): string | undefined {
  const written = valueOf(query, name);
  // In a query a plus sign is a blank.
  const digits = written?.replace(/^[\s+]+/, '');
  if (digits === undefined || /^\d{1,15}$/.test(digits)) return digits;
  throw refused(name, written);
}

export function readTruth(query: Query, name: string): boolean {
  const written = valueOf(query, name)?.toLowerCase();
  if (written === undefined || written === 'false') return false;
  if (written === 'true') return true;
  throw refused(name, written);
}

export function readUuid<Id extends string>(query: Query, name: string): Id | undefined {
  const written = valueOf(query, name);
  if (written === undefined) return undefined;
  if (!z.guid().safeParse(written).success) throw refused(name, written);
  return written.toLowerCase() as Id;
}

export function valueOf(query: Query, name: string): string | undefined {
  const value = parameter(query, name)?.trim();
  return value === '' ? undefined : value;
}

export function refused(name: string, written: unknown): ReturnType<typeof refusedFor> {
  return refusedFor([fault([name], invalid(written))]);
}

function wordOf<Word extends string>(written: string, name: string, words: Words<Word>): Word {
  const asked = written.toUpperCase();
  const found = (Object.keys(words) as Word[]).find((word) => words[word] === asked);
  if (found === undefined) throw refused(name, written);
  return found;
}

/**
 * A page of a list whose next one is asked for by a token.
 * @param rows one more than the page has, where there is a next one.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  pageSize: number,
  { item, token }: { item: (row: Row) => object; token: (last: Row) => string },
): { data: object[]; pagination: { page_size: number; next_token?: string } } {
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return {
    data: page.map(item),
    pagination: {
      page_size: pageSize,
      ...(rows.length > pageSize && last !== undefined && { next_token: token(last) }),
    },
  };
}
