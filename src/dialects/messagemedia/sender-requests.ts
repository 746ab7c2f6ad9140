import { z } from 'zod';
import type { AccountView } from '../../core/accounts/account.ts';
import { GatewayError } from '../../core/errors.ts';
import type { SenderRequestId } from '../../core/ids.ts';
import type { SenderRequest } from '../../core/senders/sender-request.ts';
import type { SenderWish } from '../../core/senders/sender-requests.ts';
import { canBeMobile } from '../../text/numbering-plan.ts';
import { isCountry, parseNumber } from '../../text/phone-number.ts';
import type { DialectContext } from '../dialect.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { longestLabel, note } from './note.ts';
import { fault, invalid, listOf, oneOf, readBody, refusedFor, text } from './schema.ts';
import { presentRequest } from './sender-words.ts';

/** The vendor's; a name's reason is JSON with several fields. */
const longestOwnReason = 200;
const longestReason = 2000;
const mostCountries = 250;
/** "Own numbers need to be re-verified every 12 months" (the vendor's documentation). */
const ownNumberLifeMs = 365 * 24 * 3_600_000;

const country = z
  .string({ error: ({ input }) => invalid(input) })
  .transform((code) => code.toUpperCase())
  .refine(isCountry, { error: ({ input }) => invalid(input) });

const request = z.object({
  sender_address: text('Sender address'),
  sender_address_type: oneOf('Sender address type', ['ALPHANUMERIC', 'INTERNATIONAL']),
  usage_type: oneOf('Usage type', ['ALPHANUMERIC', 'OWN_NUMBER']),
  destination_countries: listOf(
    country,
    { most: mostCountries },
    {
      none: 'Destination countries cannot be null',
      count: `Destination countries must be between 1 and ${mostCountries}`,
    },
  ),
  reason: note('Reason', longestReason),
  label: note('Label', longestLabel).nullish(),
});
type WireRequest = z.infer<typeof request>;

const verification = z.object({ verification_code: text('Verification code') });

/** `POST …/sender_address/requests`: a name waits for the owner, a number for the code that is sent to it. */
const create: Handler = async ({ caller, body }, { gateway }) => {
  const asked = readBody(request, body);
  const { account } = caller.view;
  const isOwn = asked.usage_type === 'OWN_NUMBER';
  if (isOwn !== (asked.sender_address_type === 'INTERNATIONAL')) {
    throw refusedFor([fault(['usage_type'], invalid(asked.usage_type))]);
  }
  if (isOwn && asked.reason.length > longestOwnReason) {
    const sentence = `Reason must have at most ${longestOwnReason} characters`;
    throw refusedFor([fault(['reason'], sentence)]);
  }
  const wish = {
    address: isOwn ? ownNumber(asked, caller.view) : nameOf(asked),
    countries: [...new Set(asked.destination_countries)],
    reason: asked.reason,
    label: asked.label ?? null,
  };
  const made = isOwn
    ? await sendCode({ caller }, { gateway }, wish, { renews: false })
    : await gateway.senderRequests.ask(account.id, wish);
  return { status: 201, body: presentRequest(made, account.name) };
};

/** `GET …/sender_address/requests/{id}` */
const show: Handler = async (call, { gateway }) => {
  const { account } = call.caller.view;
  const found = await gateway.senderRequests.find(account.id, idOf(call));
  if (!found) throw notFound();
  return { status: 200, body: presentRequest(found, account.name) };
};

/** `POST …/sender_address/requests/{id}/verify` */
const verify: Handler = async (call, { gateway }) => {
  const { verification_code: code } = readBody(verification, call.body);
  const { account } = call.caller.view;
  const came = await gateway.senderRequests.confirmCode(account.id, idOf(call), code.trim());
  if (!came) throw notFound();
  if (!came.ok) throw refusedFor([fault(['verification_code'], codeSentences[came.why])]);
  return { status: 201, body: presentRequest(came.request, account.name) };
};

const codeSentences = {
  wrong: 'Verification code is invalid',
  spent: 'Verification code has expired. Request a new one.',
} as const;

const requestsPath = '/v1/messaging/numbers/sender_address/requests';

export const senderRequestEndpoints: readonly Endpoint[] = [
  { path: requestsPath, family: 'messages', methods: { POST: create } },
  { path: `${requestsPath}/:id`, family: 'messages', methods: { GET: show } },
  { path: `${requestsPath}/:id/verify`, family: 'messages', methods: { POST: verify } },
];

/**
 * Sends a code to the account's own handset.
 * @throws GatewayError as `SenderRequests.prove`, and `invalid_request` when the message cannot be sent.
 */
export async function sendCode(
  { caller }: Pick<Call, 'caller'>,
  { gateway }: Pick<DialectContext, 'gateway'>,
  wish: SenderWish,
  { renews }: { renews: boolean },
): Promise<SenderRequest> {
  const asked = await gateway.senderRequests.prove(caller, wish, {
    proof: 'code',
    lifeMs: ownNumberLifeMs,
    words: (code) => `${code} is the code that lets messages be sent from this number.`,
    renews,
  });
  if (asked.ok) return asked.request;
  throw refusedFor([fault(['sender_address'], asked.error.detail)]);
}

export function notFound(): GatewayError {
  return new GatewayError('not_found', 'Resource not found.');
}

function idOf({ params }: Call): SenderRequestId {
  return params['id'] as SenderRequestId;
}

/** 3 to 11 letters and digits (the vendor's documentation), with what else it says carriers take between them. */
function nameOf({ sender_address }: WireRequest): string {
  const name = sender_address.trim();
  if (/^[A-Za-z0-9_ -]{3,11}$/.test(name) && /[A-Za-z]/.test(name)) return name;
  const sentence = 'Sender address must be 3 to 11 letters and digits';
  throw refusedFor([fault(['sender_address'], sentence)]);
}

function ownNumber({ sender_address }: WireRequest, { account }: AccountView): string {
  const number = parseNumber(sender_address, account.homeCountry);
  if (number && canBeMobile(number.type)) return number.e164;
  const sentence = 'Sender address must be a mobile number in international format';
  throw refusedFor([fault(['sender_address'], sentence)]);
}
