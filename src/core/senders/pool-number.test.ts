import { expect, it } from 'vitest';
import type { Country } from '../../text/phone-number.ts';
import { describeNumber } from './pool-number.ts';

it.each([
  ['+61412345601', 'mobile', 'AU', '+61412345601'],
  ['61412345601', 'mobile', 'AU', '+61412345601'],
  ['61291234567', 'landline', 'AU', '+61291234567'],
  ['+12025550123', 'ten-dlc', 'US', '+12025550123'],
  ['+18005550123', 'toll-free', 'US', '+18005550123'],
  ['19770', 'short-code', 'NZ', '19770'],
])('%s is a %s of %s', (text, type, country, number) =>
  expect(describeNumber(text, 'NZ' as Country)).toEqual({ number, type, country }),
);

it.each(['0412345601', '+6141', 'CompanyABC', '', '+999123456789'])('%j is no number', (text) =>
  expect(describeNumber(text, 'AU' as Country)).toBeUndefined(),
);
