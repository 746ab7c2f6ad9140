import type { AccountView } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Sender, SenderKind } from '../../core/senders/sender.ts';
import { senderKey } from '../../core/senders/sender.ts';
import { canBeMobile } from '../../text/numbering-plan.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { parseJson } from '../shared/json.ts';
import type { Call, Handler } from './call.ts';
import { wordsOf } from './errors.ts';
import { bare, presentList } from './present.ts';
import { newSender } from './schema.ts';
import type { DialectContext } from '../dialect.ts';

const hourMs = 3_600_000;

/** `GET /v1/senders` (reference A.7): those that may be used now. */
export const listSenders: Handler = async ({ caller }, { gateway }) => {
  const senders = await gateway.senders.list(caller.view.account.id);
  return presentList(
    senders
      .filter(({ status }) => status === 'active')
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
 * yet gets a new link. The message is the gateway's own: free, and nothing the client could look up.
 */
export const addSender: Handler = async (call, context) => {
  const { account } = call.caller.view;
  const { gateway } = context;
  const { number, label } = newSender.parse(parseJson(call.body) ?? {});
  const address = ownNumber(number, call.caller.view);
  const from = introducer(call.caller.view);
  const held = await gateway.senders.list(account.id);
  const before = held.find((sender) => senderKey(sender.address) === senderKey(address));
  if (before?.status === 'active') {
    throw new GatewayError('already_exists', `${address} is a sender of this account already.`);
  }
  const wait =
    (await gateway.allow(`confirmation to ${address}`, { most: 3, windowMs: hourMs })) ||
    (await gateway.allow(`confirmation for ${account.id}`, { most: 10, windowMs: hourMs }));
  if (wait > 0) {
    throw new GatewayError('too_many_attempts', 'Too many confirmations were asked for.', {
      retryAfterMs: wait,
    });
  }
  if (before) await gateway.senders.remove(account.id, before.address);
  const { code } = await gateway.senders.addPending(account.id, address, label ?? null);
  await sendLink(call, context, { address, code, from });
  return presentList([{ sender: address, type: 'own', status: 'pending' }]);
};

async function sendLink(
  { caller }: Call,
  { gateway, publicUrl }: DialectContext,
  { address, code, from }: { address: string; code: string; from: string },
): Promise<void> {
  const link = `${publicUrl}/mobilemessage${confirmationPath}?code=${code}`;
  const sending = gateway.sendOwn(caller, {
    to: `+${address}`,
    text: `To send messages from this number, confirm it here: ${link}`,
    sender: from,
    limits: { alphabet: 'any', characters: 2000, parts: 10 },
  });
  const accountId = caller.view.account.id;
  const verdict = await sending.catch(async (error: unknown) => {
    await gateway.senders.remove(accountId, address);
    throw error;
  });
  if (!verdict.ok) {
    await gateway.senders.remove(accountId, address);
    throw new GatewayError('invalid_request', wordsOf(verdict.error), { field: 'number' });
  }
}

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

/** A shared address comes last: an answer to it is taken as meant for who wrote there last. */
const order: readonly SenderKind[] = ['dedicated', 'alphanumeric', 'own', 'shared'];

/** The sender that a confirmation is sent from. @throws GatewayError when the account has none. */
function introducer({ senders }: AccountView): string {
  const ordered = [...senders.values()].toSorted(
    (a: Sender, b: Sender) => order.indexOf(a.kind) - order.indexOf(b.kind),
  );
  const first = ordered[0];
  if (!first) {
    throw new GatewayError(
      'invalid_request',
      'This account has no sender that a confirmation could be sent from.',
    );
  }
  return first.address;
}
