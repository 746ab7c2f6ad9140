import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { E164 } from '../../text/phone-number.ts';
import { Prefixes } from './prefixes.ts';

const digits = (least: number, most: number) =>
  fc
    .array(fc.constantFrom('1', '2'), { minLength: least, maxLength: most })
    .map((some) => `+${some.join('')}`);

it.each([1, 4, 30])('the longest that fits, of up to %d', (most) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(digits(1, 6), { maxLength: most }),
      digits(6, 8),
      (prefixes, number) => {
        const found = new Prefixes(prefixes.map((prefix) => [prefix, prefix])).longest(
          number as E164,
        );
        const fitting = prefixes.filter((prefix) => number.startsWith(prefix));
        expect(found).toBe(fitting.toSorted((a, b) => b.length - a.length)[0]);
      },
    ),
    { numRuns: 500 },
  );
});
