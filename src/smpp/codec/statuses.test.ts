import { expect, it } from 'vitest';
import { statuses, statusName } from './statuses.ts';

it.each<[number, string]>([
  [0, 'ESME_ROK'],
  [0x0b, 'ESME_RINVDSTADR'],
  [0x58, 'ESME_RTHROTTLED'],
  [0xc0, 'ESME_RINVOPTPARSTREAM'],
  [0x101, 'ESME_RPROHIBITED'],
  [0x09, '0x00000009'],
  [0x400, '0x00000400'],
  [0xffff_ffff, '0xffffffff'],
])('names %i %s', (status, name) => {
  expect(statusName(status)).toBe(name);
});

it('gives no number to two names', () => {
  const numbers = Object.values(statuses);
  expect(new Set(numbers).size).toBe(numbers.length);
});
