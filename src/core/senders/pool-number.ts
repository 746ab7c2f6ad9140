import type { LineType } from '../../text/numbering-plan.ts';
import type { Country } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { AccountId, NumberId } from '../ids.ts';
import type { Medium } from '../messages/medium.ts';

/** What kind of number it is, as the trade has it; `ten-dlc` is North America's for programs. */
export const numberTypes = [
  'mobile',
  'landline',
  'ten-dlc',
  'toll-free',
  'short-code',
  'hosted-ten-dlc',
  'hosted-toll-free',
] as const;
export type NumberType = (typeof numberTypes)[number];

/** How easily it is remembered, by the owner's judgement: what is asked for it depends on it. */
export const classifications = ['bronze', 'silver', 'gold'] as const;
export type Classification = (typeof classifications)[number];

/**
 * A number that the owner offers to his accounts. Who takes it has it as a `dedicated` sender, and as long as one
 * account has, no other can: the sender is the assignment, there is no other.
 */
export interface PoolNumber {
  id: NumberId;
  /** E.164, or the digits of a short code. */
  number: string;
  country: Country;
  type: NumberType;
  classification: Classification;
  /** What it can carry. */
  capabilities: readonly Medium[];
  /** Nobody may take it before. */
  availableAfter: number;
  createdAt: number;
}

/** A number with the account that has it, if one has. */
export interface HeldNumber extends PoolNumber {
  accountId: AccountId | null;
}

/** Plans that do not tell mobile from fixed are North America's. */
const typeOfLine: Record<LineType, NumberType> = {
  mobile: 'mobile',
  fixed: 'landline',
  'fixed-or-mobile': 'ten-dlc',
  other: 'toll-free',
};

const shortCode = /^\d{3,8}$/;
/** Of a number with its plus sign, the home country says nothing. */
const anyCountry = 'AU' as Country;

/**
 * What can be told of a number by its digits.
 * @param home the country of a short code.
 * @returns undefined for what is neither a number that exists nor a short code of a known country.
 */
export function describeNumber(
  written: string,
  home: Country | undefined,
): Pick<PoolNumber, 'number' | 'country' | 'type'> | undefined {
  if (shortCode.test(written)) {
    return home && { number: written, country: home, type: 'short-code' };
  }
  const digits = asE164(written.replace(/^\+?/, '+'));
  const known = digits && parseNumber(digits, anyCountry);
  return known && { number: known.e164, country: known.country, type: typeOfLine[known.type] };
}
