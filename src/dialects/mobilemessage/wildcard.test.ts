import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

describe('matchesWildcard', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['%', '', true],
    ['%', 'abc', true],
    ['a%', 'abc', true],
    ['%c', 'abc', true],
    ['a%c', 'abc', true],
    ['a%c', 'ac', true],
    ['ab%bc', 'abc', false],
    ['%b%', 'abc', true],
    ['%b%b%', 'abc', false],
    ['a%%c', 'abc', true],
    ['a_c', 'abc', false],
    ['a.c', 'abc', false],
    ['A%', 'abc', false],
    ['', '', true],
    ['', 'a', false],
  ])('%j fits %j: %s', (pattern, text, fits) => {
    expect(matchesWildcard(pattern, text)).toBe(fits);
  });

  it('agrees with a regular expression', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '%'), maxLength: 8 });
    const words = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(letters, words, (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('%', '.*')}$`);
        expect(matchesWildcard(pattern, text)).toBe(expression.test(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('is quick for every pattern', () => {
    const start = performance.now();
    expect(matchesWildcard('%a'.repeat(5000) + 'b', 'a'.repeat(100_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
