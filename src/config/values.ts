import { z } from 'zod';

/**
 * The kinds of values that settings have. Each has one message, a phrase that completes "must be …",
 * whatever is wrong with the value: the sentence around it is made in `problems.ts`.
 */

/** Any text that passes the test. */
export function text(expected: string, test: (text: string) => boolean = () => true) {
  return z.string({ error: expected }).refine(test, { error: expected });
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number) {
  const error = `a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
}

/** Credits for a part, which become whole millicredits. */
export function credits() {
  const error = 'a number of credits from 0 to 1000000, with at most three decimals';
  return z
    .number({ error })
    .min(0, { error })
    .max(1_000_000, { error })
    .refine((amount) => Number(amount.toFixed(3)) === amount, { error });
}

/** A part of a whole: 0.5 is half of it. */
export function share() {
  const error = 'a share from 0 to 1, such as 0.5';
  return z.number({ error }).min(0, { error }).max(1, { error });
}

/** A switch. */
export function yesOrNo() {
  return z.boolean({ error: 'true or false' });
}

/** One of a few words. */
export function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: alternatives(values) });
}

/** A list in which nothing stands twice. */
export function listOf<Item extends z.ZodType>(item: Item, expected: string) {
  return z
    .array(item, { error: expected })
    .refine((items) => new Set(items).size === items.length, {
      error: `${expected}, without anything named twice`,
    });
}

/** As `listOf`, but empty is an error. */
export function someOf<Item extends z.ZodType>(item: Item, expected: string) {
  return listOf(item, expected).refine((items) => items.length > 0, {
    error: `${expected}, with at least one`,
  });
}

/** A group of settings: what it does not name is an error. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type'
        ? `a section with the settings ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/** `a, b or c` */
export function alternatives(values: readonly string[]): string {
  if (values.length < 2) return values.join('');
  return `one of ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}
