import { expect, it } from 'vitest';
import { maskNumber } from './mask-number.ts';

it.each([
  ['+61412345678', '+614…678'],
  ['61412345678', '614…678'],
  ['0412 345 678', '041…678'],
  ['(0412) 345-678', '041…678'],
  ['+6431234567', '+643…567'],
  ['1234567', '12…67'],
  ['123456', '123456'],
  ['19911', '19911'],
  ['CompanyABC', 'CompanyABC'],
  ['', ''],
])('%j is shown as %j', (number, shown) => {
  expect(maskNumber(number)).toBe(shown);
});
