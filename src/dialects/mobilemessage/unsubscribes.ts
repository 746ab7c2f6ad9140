import type { AccountView } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import { formatUtc } from '../../text/instant.ts';
import type { E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { parseJson } from '../shared/json.ts';
import { readPage } from '../shared/page.ts';
import { parameter } from '../shared/query.ts';
import type { Call, Handler } from './call.ts';
import { bare, presentList } from './present.ts';
import { unsubscribe } from './schema.ts';

const pageLimits = { usual: 100, most: 1000 };

/** `GET /v1/unsubscribes` (reference A.7; its form is not certain): newest first. */
export const listUnsubscribes: Handler = async ({ caller, query }, { gateway }) => {
  const optouts = await gateway.optouts(caller, readPage(query, pageLimits));
  return presentList(
    optouts.map(({ number, createdAt }) => row(number, { unsubscribed_at: formatUtc(createdAt) })),
  );
};

/** `POST /v1/unsubscribes`: from now on that number is blocked, as if it had written STOP. */
export const addUnsubscribe: Handler = async (call, { gateway }) => {
  const number = readNumber(call);
  const added = await gateway.optOut(call.caller, number);
  return presentList([row(number, { status: added ? 'unsubscribed' : 'already unsubscribed' })]);
};

/** `DELETE /v1/unsubscribes`: undoes it, as if it had written START. */
export const removeUnsubscribe: Handler = async (call, { gateway }) => {
  const number = readNumber(call);
  const removed = await gateway.optIn(call.caller, number);
  if (!removed) throw new GatewayError('not_found', 'This number is not unsubscribed.');
  return presentList([row(number, { status: 'resubscribed' })]);
};

function row(number: E164, more: object): object {
  return { number: bare(number), to: bare(number), ...more };
}

function readNumber({ caller, query, body }: Call): E164 {
  const asked = parameter(query, 'number') ?? unsubscribe.parse(parseJson(body) ?? {}).number;
  return phoneNumber(asked, caller.view);
}

/** @throws GatewayError `invalid_request` for what is no number in the account's home country. */
function phoneNumber(text: string, { account }: AccountView): E164 {
  const number = parseNumber(text, account.homeCountry);
  if (!number) {
    throw new GatewayError('invalid_request', 'number must be a phone number.', {
      field: 'number',
    });
  }
  return number.e164;
}
