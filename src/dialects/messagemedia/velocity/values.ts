import { limits, TemplateError } from './limits.ts';
import type { Work } from './limits.ts';

/**
 * What a template can hold: data that it was given, and what it makes of them. There are no objects of ours
 * among it, so no name leads to a prototype or to code.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | Tool;

/** `$esc`: functions of one text. */
export class Tool {
  readonly functions: ReadonlyMap<string, (text: string) => string>;

  constructor(functions: Iterable<readonly [string, (text: string) => string]>) {
    this.functions = new Map(functions);
  }
}

/** Velocity 1.7: what is there is true, also an empty text and 0. */
export function isTrue(value: Value): boolean {
  return value !== null && value !== false;
}

/**
 * Velocity 1.7: what is of two kinds is compared as texts.
 * @throws TemplateError when that is too much work.
 */
export function equals(left: Value, right: Value, work: Work): boolean {
  if (!isPlain(left) || !isPlain(right)) return left === right;
  if (typeof left !== 'string' && typeof left === typeof right) return left === right;
  const [one, other] = [String(left), String(right)];
  work.spend(Math.min(one.length, other.length));
  return one === other;
}

function isPlain(value: Value): value is string | number | boolean {
  return value !== null && typeof value !== 'object';
}

/** A number, or a text that is one. */
export function toNumber(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^-?\d{1,15}(?:\.\d{1,15})?$/.test(value)) return null;
  return Number(value);
}

/**
 * As Java writes it: `[a, b]`, `{k=v}`. Null where there is nothing to show.
 * @throws TemplateError when that is too much work.
 */
export function toText(value: Value, work: Work, depth = 0): string | null {
  if (value === null || value instanceof Tool) return null;
  if (typeof value !== 'object') return made(String(value), work);
  if (depth > limits.depth) throw new TemplateError(`nested deeper than ${limits.depth}`);
  const inner = (one: Value): string => {
    work.step();
    return toText(one, work, depth + 1) ?? 'null';
  };
  if (isList(value)) return made(`[${value.map(inner).join(', ')}]`, work);
  const members = [...value].map(([key, one]) => `${key}=${inner(one)}`);
  return made(`{${members.join(', ')}}`, work);
}

/** Counts a text that was made, or is read. @throws TemplateError when it is too much work. */
export function made(text: string, work: Work): string {
  work.spend(text.length);
  return text;
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}
