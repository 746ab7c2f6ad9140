import { GatewayError } from '../../core/errors.ts';
import type { LineType } from '../../text/numbering-plan.ts';
import type { ParsedNumber } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { Endpoint, Handler } from './call.ts';
import type { Words } from './filters.ts';
import { readWords } from './filters.ts';
import { fault, refusedFor } from './schema.ts';

const options: Words<'carrier' | 'type' | 'hlr'> = { carrier: 'CARRIER', type: 'TYPE', hlr: 'HLR' };

/** For what the numbering plan does not tell: the fields are texts, always. */
const unknown = 'unknown';

/** The two types there are (the vendor's documentation). */
const typeWords: Record<LineType, 'mobile' | 'landline' | typeof unknown> = {
  mobile: 'mobile',
  fixed: 'landline',
  'fixed-or-mobile': unknown,
  other: unknown,
};

/**
 * `GET /v1/lookups/phone/{phone}?options=carrier,type` (reference §9): what the numbering plan says of a number. It
 * knows no carriers, and numbers move between them: `carrier` is there when it is asked for, and its name is unknown.
 */
const lookUp: Handler = async ({ caller, params, query }, { gateway }) => {
  const asked = readWords(query, 'options', options) ?? [];
  if (asked.includes('hlr')) {
    const sentence = 'hlr is known to the networks alone, which this gateway does not ask';
    throw refusedFor([fault(['options'], sentence)]);
  }
  const number = parseNumber(params['phone'] ?? '', caller.view.account.homeCountry);
  if (!number) {
    throw new GatewayError('not_found', 'The number could not be found or is invalid.');
  }
  /** Where the plan does not tell, a text that arrived does. */
  const typeOf = async ({ type, e164: destination }: ParsedNumber): Promise<string> => {
    const known = typeWords[type];
    if (known !== unknown) return known;
    const arrived = { destination, status: 'delivered', limit: 1, offset: 0 } as const;
    return (await gateway.searchMessages(caller, arrived)).length > 0 ? 'mobile' : unknown;
  };
  return {
    status: 200,
    body: {
      country_code: number.country,
      phone_number: number.e164,
      ...(asked.includes('type') && { type: await typeOf(number) }),
      ...(asked.includes('carrier') && { carrier: { name: unknown } }),
    },
  };
};

export const phoneLookupEndpoints: readonly Endpoint[] = [
  { path: '/v1/lookups/phone/:phone', family: 'messages', methods: { GET: lookUp } },
];
