import { z } from 'zod';

/*
 * The body of a webhook of a client's own composition: JSON of any form, in whose texts, and names, places may be.
 * Numbers and the rest stay as they are.
 */

/** What a composed body is made of. */
export const composedBody = z.record(z.string(), z.json());
export type ComposedBody = z.infer<typeof composedBody>;
export type Json = ComposedBody[string];

const deepest = 8;
/** Of one object or list. */
const mostEntries = 50;
const longestName = 100;
const longestText = 2_000;
/** Of all of it, written as JSON. */
const longestBody = 100_000;

/** Whether a body is small enough to be kept and told. */
export function isModest(body: ComposedBody): boolean {
  return isFlatEnough(body, deepest) && JSON.stringify(body).length <= longestBody;
}

function isFlatEnough(value: Json, depth: number): boolean {
  if (typeof value === 'string') return value.length <= longestText;
  if (typeof value !== 'object' || value === null) return true;
  const entries = Object.entries(value);
  return (
    depth > 0 &&
    entries.length <= mostEntries &&
    entries.every(([name, one]) => name.length <= longestName && isFlatEnough(one, depth - 1))
  );
}

/** All texts in it: names and values. */
export function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(textsIn)];
}

/** The same with other texts. */
export function withTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => withTexts(one, change));
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [change(name), withTexts(one, change)]),
  );
}

/** As a form has it: what is in something is named as PHP does, `a[b][0]`. */
export function fieldsOf(value: Json, name = ''): [name: string, value: string][] {
  if (value === null) return [[name, '']];
  if (typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([step, one]) =>
    fieldsOf(one, name === '' ? step : `${name}[${step}]`),
  );
}
