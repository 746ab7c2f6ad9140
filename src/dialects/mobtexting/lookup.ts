import { z } from 'zod';
import { callingCodeOf, countryName } from '../../text/countries.ts';
import type { ParsedNumber } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { Endpoint, Handler } from './call.ts';
import { mobile } from './present.ts';
import { list, missing, read } from './schema.ts';

const mostNumbers = 100;
// The page's table has `number`, the reference `to`.
const numbers = list(mostNumbers, 64);
const wish = z.object({ number: numbers, to: numbers });

/**
 * `POST lookup/verify`: what the numbering plan says of numbers. Who serves a handset, and whether it roams, is known to
 * the networks alone, which this gateway does not ask: those fields are null.
 */
const verify: Handler = async ({ caller, input }) => {
  const asked = read(wish, input);
  const written = asked.number ?? asked.to;
  if (written === undefined) throw missing('number');
  const { homeCountry } = caller.view.account;
  return {
    body: {
      status: 200,
      message: 'Verified Successfully',
      results: written.map((one) => present(one, parseNumber(one, homeCountry))),
    },
  };
};

export const lookupEndpoints: readonly Endpoint[] = [
  { path: '/lookup/verify', methods: { POST: verify } },
];

function present(written: string, number: ParsedNumber | undefined) {
  return {
    phone: mobile(number?.e164 ?? written),
    mcc_mnc: null,
    imsi: null,
    serving_msc: null,
    status: number ? 'SUCCESS' : 'FAILED',
    original_network: {
      network_prefix: null,
      country_prefix: number ? String(callingCodeOf(number.country)) : null,
      network_name: null,
      country_name: number ? countryName(number.country) : null,
      state_name: null,
    },
    ported: false,
    ported_network: networkOf('ported'),
    roaming: false,
    roaming_network: networkOf('roaming'),
  };
}

/** A network of which nothing is known. */
function networkOf(kind: 'ported' | 'roaming') {
  const fields = ['network_prefix', 'country_prefix', 'network_name', 'country_name', 'state_name'];
  return Object.fromEntries(fields.map((field) => [`${kind}_${field}`, null]));
}
