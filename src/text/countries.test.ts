import { expect, it } from 'vitest';
import { callingCodeOf, countryName } from './countries.ts';
import type { Country } from './phone-number.ts';

it.each([
  ['IN', 'India', 91],
  ['AU', 'Australia', 61],
  ['US', 'United States', 1],
])('%s is %s, with %d', (code, name, calling) => {
  expect(countryName(code as Country)).toBe(name);
  expect(callingCodeOf(code as Country)).toBe(calling);
});
