import { z } from 'zod';
import type { Fault } from '../../core/errors.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Input } from './input.ts';

/*
 * What fields look like, whichever form they came in: a number may be written as text and a text as a number, what is
 * empty is as if it were left out, and spaces around it are no part of it (Laravel trims and nulls so). What is wrong
 * is said in Laravel's sentences, which the vendor's documents show (`The name field is required.`).
 */

const text = (value: unknown): unknown => {
  if (value === null) return undefined;
  if (typeof value === 'boolean') return value ? '1' : '0';
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written !== 'string') return written;
  const trimmed = written.trim();
  return trimmed === '' ? undefined : trimmed;
};

const storable = (value: string): boolean => value.isWellFormed() && !value.includes('\0');

const plainText = (most: number) => z.string().max(most).refine(storable, 'format');

/** A text of at most so many characters. */
export const required = (most = 255) => z.preprocess(text, plainText(most));

/** The same, undefined where it was left out. */
export const optional = (most = 255) => z.preprocess(text, plainText(most).optional());

/** One of a few words. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.preprocess(text, z.enum(words).optional());

const numeric = (value: unknown): unknown => {
  const written = text(value);
  return typeof written === 'string' && /^-?\d{1,15}(?:\.\d{1,9})?$/.test(written)
    ? Number(written)
    : written;
};

/** A whole number. */
export const whole = (least: number, most: number) =>
  z.preprocess(numeric, z.int().min(least).max(most).optional());

/** A number that must be there. */
export const amount = (least: number, most: number) =>
  z.preprocess(numeric, z.number().min(least).max(most));

/** A switch: 1 or 0, and what else programs write for it. */
export const flag = z.preprocess((value) => {
  const written = text(value);
  if (typeof written !== 'string') return written;
  if (/^(?:1|true|yes|on)$/i.test(written)) return true;
  return /^(?:0|false|no|off)$/i.test(written) ? false : written;
}, z.boolean().optional());

const texts = (value: unknown): unknown => {
  const all = Array.isArray(value) ? (value as unknown[]) : [value];
  const split = all.flatMap((one) => {
    const written = text(one);
    return typeof written === 'string' ? written.split(',') : [written];
  });
  const filled = split.map(text).filter((one) => one !== undefined);
  return filled.length === 0 ? undefined : filled;
};

/** Several texts: a list, or one text with commas between them. */
export const list = (most: number, longest = 255) =>
  z.preprocess(texts, z.array(plainText(longest)).max(most).optional());

/** The same, which must be there. */
export const requiredList = (most: number, longest = 255) =>
  z.preprocess(texts, z.array(plainText(longest)).max(most));

/**
 * What has at most so many entries, a list or an object: they are counted before the schema looks at each, which takes
 * seconds where a body of some megabytes is nothing but entries.
 */
export const atMost = <Schema extends z.ZodType>(most: number, schema: Schema) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'object' || value === null) return value;
    const count = Array.isArray(value) ? value.length : Object.keys(value).length;
    if (count <= most) return value;
    context.addIssue({ code: 'too_big', origin: 'array', maximum: most, input: value });
    return z.NEVER;
  }, schema);

/**
 * Reads fields.
 * @param at where they stand: `nodes.0.`
 * @throws GatewayError `invalid_request` with all that is wrong, each with its field as Laravel writes it
 * (`nodes.0.to`).
 */
export function read<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  at = '',
): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw refusal(
    parsed.error.issues.map((issue) => {
      const field = at + issue.path.map(String).join('.');
      return { field, detail: sentence(issue, field) };
    }),
  );
}

/** What is wrong with one field. */
export function invalid(field: string, detail: string): GatewayError {
  return refusal([{ field, detail }]);
}

/**
 * What the core says of a field, said of that of the request which it came from.
 * @param names of the request's fields, by those of the core; what is not among them is called the same.
 */
export function naming<T>(names: Readonly<Record<string, string>>, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (!(error instanceof GatewayError) || error.code !== 'invalid_request') throw error;
    const name = error.field === undefined ? undefined : names[error.field];
    throw name === undefined ? error : invalid(name, error.detail);
  });
}

/** `The name field is required.` */
export function missing(field: string): GatewayError {
  return invalid(field, `The ${nameOf(field)} field is required.`);
}

/** The field as sentences name it. */
function nameOf(field: string): string {
  return field.replaceAll('_', ' ');
}

/** The first hundred, since a list may be wrong in every entry. */
const mostFaults = 100;

function refusal(faults: readonly Fault[]): GatewayError {
  const [first] = faults;
  return new GatewayError('invalid_request', first?.detail ?? 'The given data was invalid.', {
    field: first?.field,
    faults: faults.slice(0, mostFaults),
  });
}

const kinds: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  array: 'an array',
  object: 'an array',
  record: 'an array',
  boolean: 'true or false',
};

function sentence(issue: z.core.$ZodIssue, field: string): string {
  const name = nameOf(field);
  switch (issue.code) {
    case 'invalid_type': {
      const isMissing = issue.message.endsWith('received undefined');
      return isMissing
        ? `The ${name} field is required.`
        : `The ${name} must be ${kinds[issue.expected] ?? 'valid'}.`;
    }
    case 'too_big':
      return `The ${name} must not ${bound(issue.origin, 'greater than', 'more than', issue.maximum)}.`;
    case 'too_small':
      return `The ${name} must ${bound(issue.origin, 'at least', 'at least', issue.minimum)}.`;
    case 'invalid_value':
      return `The selected ${name} is invalid.`;
    case 'custom':
      return issue.message === 'format' ? `The ${name} format is invalid.` : issue.message;
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
    case 'invalid_union':
    case 'unrecognized_keys':
      return `The ${name} format is invalid.`;
  }
}

function bound(origin: string, comparison: string, count: string, number: number | bigint): string {
  if (origin === 'array') return `have ${count} ${number} items`;
  return `be ${comparison} ${number}${origin === 'string' ? ' characters' : ''}`;
}

/** An input without its empty fields. */
export function given(input: Input): Input {
  return Object.fromEntries(Object.entries(input).filter(isGiven));
}

const isGiven = ([, value]: readonly [string, unknown]): boolean =>
  value !== undefined && value !== null && value !== '';
