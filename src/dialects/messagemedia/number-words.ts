import type { Classification, NumberType, PoolNumber } from '../../core/senders/pool-number.ts';
import { formatIso } from '../../text/instant.ts';
import type { Words } from './filters.ts';
import { formatOf } from './present.ts';

export const typeWords: Words<NumberType> = {
  mobile: 'MOBILE',
  landline: 'LANDLINE',
  'ten-dlc': 'TEN_DLC',
  'toll-free': 'TOLL_FREE',
  'short-code': 'SHORT_CODE',
  'hosted-ten-dlc': 'HOSTED_TEN_DLC',
  'hosted-toll-free': 'HOSTED_TOLL_FREE',
};

export const classificationWords: Words<Classification> = {
  bronze: 'BRONZE',
  silver: 'SILVER',
  gold: 'GOLD',
};

/** What every answer about dedicated numbers says it is (reference §2). */
export const numbersContentType = 'application/json;charset=UTF-8';

/** A dedicated number, in the order of the documented sample; without its plus sign. */
export function presentNumber(number: PoolNumber) {
  return {
    id: number.id,
    phone_number: number.number.replace('+', ''),
    country: number.country,
    type: typeWords[number.type],
    classification: classificationWords[number.classification],
    available_after: formatIso(number.availableAfter),
    capabilities: number.capabilities.map((medium) => formatOf[medium]),
  };
}
