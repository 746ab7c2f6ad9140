import type { AccountView } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import { isUsable } from '../../core/senders/sender.ts';
import { canBeMobile } from '../../text/numbering-plan.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { parseJson } from '../shared/json.ts';
import type { Handler } from './call.ts';
import { wordsOf } from './errors.ts';
import { bare, presentList } from './present.ts';
import { newSender } from './schema.ts';

/** `GET /v1/senders` (reference A.7): those that may be used now. */
export const listSenders: Handler = async ({ caller }, { gateway, clock }) => {
  const senders = await gateway.senders.list(caller.view.account.id);
  return presentList(
    senders
      .filter((sender) => isUsable(sender, clock.now()))
      .map(({ address, kind, label }) => ({
        sender: bare(address),
        type: kind,
        label: label ?? undefined,
      })),
  );
};

/**
 * `POST /v1/senders` (reference A.7): registers the account's own handset. A message with a link goes
 * there; whoever opens it has that handset in his hand. Asked again, a number that is not confirmed
 * yet gets a new link.
 */
export const addSender: Handler = async ({ caller, body }, { gateway, publicUrl }) => {
  const { number, label } = newSender.parse(parseJson(body) ?? {});
  const address = ownNumber(number, caller.view);
  const asked = await gateway.senderRequests.prove(
    caller,
    { address, label: label ?? null },
    {
      proof: 'link',
      lifeMs: null,
      words: (code) =>
        `To send messages from this number, confirm it here: ${publicUrl}/mobilemessage${confirmationPath}?code=${code}`,
    },
  );
  if (!asked.ok) {
    throw new GatewayError('invalid_request', wordsOf(asked.error), { field: 'number' });
  }
  return presentList([{ sender: address, type: 'own', status: 'pending' }]);
};

/** Where the link leads; `confirm.ts` answers there. */
export const confirmationPath = '/v1/senders/confirm';

/** @throws GatewayError `invalid_request` for what is no mobile number the account may send to. */
function ownNumber(text: string, { account }: AccountView): string {
  const { allowedCountries, homeCountry } = account;
  const number = parseNumber(text, homeCountry);
  if (!number || !canBeMobile(number.type) || !allowedCountries.includes(number.country)) {
    throw new GatewayError(
      'invalid_request',
      'number must be a mobile number that this account may send to.',
      { field: 'number' },
    );
  }
  return bare(number.e164);
}
