import { GatewayError } from '../../core/errors.ts';
import type { NumberId } from '../../core/ids.ts';
import type { Endpoint, Handler } from './call.ts';
import { pageOf, readCountry, readDigits, readPageSize, readUuid, readWords } from './filters.ts';
import { numbersContentType, presentNumber, typeWords } from './number-words.ts';
import { formatOf } from './present.ts';

/** The most is ours. */
export const numbersOfAPage = { usual: 50, most: 100 };

/** `GET /v1/messaging/numbers/dedicated`: those that anybody may take now. */
const list: Handler = async ({ query }, { gateway }) => {
  const pageSize = readPageSize(query, numbersOfAPage);
  const numbers = await gateway.numbers.available({
    after: readUuid(query, 'token') ?? null,
    limit: pageSize + 1,
    country: readCountry(query),
    types: readWords(query, 'types', typeWords),
    capabilities: readWords(query, 'service_types', formatOf),
    digits: readDigits(query, 'matching'),
  });
  const body = pageOf(numbers, pageSize, { item: presentNumber, token: ({ id }) => id });
  return { status: 200, body, contentType: numbersContentType };
};

/** `GET /v1/messaging/numbers/dedicated/{id}`: one that is free, or the account's own. */
const show: Handler = async ({ caller, params }, { gateway }) => {
  const id = params['id'] as NumberId;
  const number = await gateway.numbers.find(caller.view.account, id);
  if (!number) throw noSuchNumber();
  return { status: 200, body: presentNumber(number), contentType: numbersContentType };
};

export const dedicatedEndpoints: readonly Endpoint[] = [
  { path: '/v1/messaging/numbers/dedicated', family: 'messages', methods: { GET: list } },
  { path: '/v1/messaging/numbers/dedicated/:id', family: 'messages', methods: { GET: show } },
];

/** The vendor's sentence (reference §3). */
export function noSuchNumber(): GatewayError {
  return new GatewayError('not_found', 'Not found');
}
