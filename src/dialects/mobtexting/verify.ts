import { z } from 'zod';
import { GatewayError } from '../../core/errors.ts';
import type { Medium } from '../../core/messages/medium.ts';
import type { Verification } from '../../core/verifications/verification.ts';
import type { Check } from '../../core/verifications/verifications.ts';
import type { Call, Endpoint, Handler } from './call.ts';
import { idIn, isId, noEntity } from './entity.ts';
import { noService } from './finance.ts';
import { mobile } from './present.ts';
import { productFor, productsOf } from './products.ts';
import { idOf } from './reference.ts';
import { statusOf } from './statuses.ts';
import { invalid, missing, naming, optional, read, required, whole } from './schema.ts';
import { timeText } from './times.ts';

const mostChannels = 10;
const longestTemplate = 500;
const mark = '{token}';
const usualTemplate = `Your verification code is ${mark}`;

const to = z.object({ to: optional(64) }).partial();
const channels = z
  .array(
    z.object({
      name: required(20),
      from: optional(64),
      recipient: to.optional(),
      order: whole(0, 100),
      template: optional(longestTemplate),
    }),
  )
  .min(1)
  .max(mostChannels);

const details = {
  service: optional(32),
  length: whole(0, 1_000),
  timeout: whole(0, 1_000_000),
  token: optional(64),
  template: optional(longestTemplate),
};

/** The page's payload, and the fields of the older clients (`POST verify?to=`), which have them at the top. */
const wish = z.object({
  channels: channels.optional(),
  payload: z.object(details).partial().optional(),
  foreign_id: optional(),
  reference: optional(),
  to: optional(64),
  from: optional(64),
  sender: optional(64),
  ...details,
});

/** Channels as they are called, and what carries them. */
const mediumOf: Readonly<Record<string, Medium>> = {
  sms: 'sms',
  tts: 'voice',
  voice: 'voice',
  whatsapp: 'whatsapp',
  rcs: 'rcs',
  viber: 'viber',
};

/** In which field of the request stands what the core is told. */
type Places = Record<'to' | 'from' | 'template' | 'length' | 'timeout' | 'token', string>;

/**
 * `POST verify/send`: by the first of the channels, in their order. What is said of the next ones, for when that one
 * does not succeed, is not done: no second message is sent that nobody asked to pay for.
 */
const send: Handler = async (call, { gateway }) => {
  const { caller, settings } = call;
  const asked = read(wish, call.input);
  const { payload = {}, channels: all = [] } = asked;
  const [first] = [...all.entries()].toSorted(
    ([, one], [, other]) => (one.order ?? 0) - (other.order ?? 0),
  );
  const [nth = 0, channel] = first ?? [];
  const at = `channels.${nth}`;
  const number = channel?.recipient?.to ?? asked.to;
  if (number === undefined) throw missing(channel ? `${at}.recipient.to` : 'to');
  const medium = mediumOf[channel?.name.toLowerCase() ?? 'sms'];
  if (!medium) throw invalid(`${at}.name`, `The selected ${at}.name is invalid.`);
  const sender = channel?.from ?? asked.from ?? asked.sender ?? usualSender(call);
  const template = channel?.template ?? payload.template ?? asked.template ?? usualTemplate;
  const inPayload = (name: keyof typeof details): string =>
    payload[name] === undefined ? name : `payload.${name}`;
  const places: Places = {
    to: channel?.recipient?.to === undefined ? 'to' : `${at}.recipient.to`,
    from: channel?.from !== undefined ? `${at}.from` : asked.from !== undefined ? 'from' : 'sender',
    template: channel?.template === undefined ? inPayload('template') : `${at}.template`,
    length: inPayload('length'),
    timeout: inPayload('timeout'),
    token: inPayload('token'),
  };
  const timeout = payload.timeout ?? asked.timeout;
  const service = payload.service ?? asked.service;
  const sending = gateway.verifications.send(caller, {
    to: number,
    sender,
    words: wordsOf(template, places),
    length: payload.length ?? asked.length,
    lifeMs: timeout === undefined ? undefined : timeout * 1000,
    code: payload.token ?? asked.token,
    medium,
    product: productNamed(call, medium, service),
    clientRef: asked.foreign_id ?? asked.reference,
  });
  const sent = await naming(places, sending);
  if (!sent.ok) throw refusalOf(sent.error.code, sent.error.detail, places);
  const { verification } = sent;
  const zone = settings.timeZone;
  return {
    body: {
      id: verification.id,
      status: 'sent',
      foreign_id: verification.clientRef,
      created_at: timeText(verification.createdAt, zone),
      expire_at: timeText(verification.expiresAt, zone),
    },
  };
};

/** What a check is answered: with HTTP 200, whatever it says (reference C.5). */
const checkWords: Record<Check, string> = {
  success: 'success',
  unknown: 'failed',
  expired: 'expired',
  invalid: 'invalid',
  'done before': 'OTP already verified',
};

/** `GET verify/check/{id}/{token}` */
const check: Handler = async ({ caller, params }, { gateway }) => {
  const { id = '', token = '' } = params;
  const known = id.toLowerCase();
  const said = isId(known) ? await gateway.verifications.check(caller, known, token) : 'unknown';
  return { body: { id, status: checkWords[said] } };
};

/** `GET verify/cancel/{id}` */
const cancel: Handler = async ({ caller, params }, { gateway }) => {
  const { id = '' } = params;
  const known = id.toLowerCase();
  const done = isId(known) && (await gateway.verifications.cancel(caller, known));
  return { body: { id, status: done ? 'success' : 'failed' } };
};

/** `GET verify/search/{id}` */
const search: Handler = async (call, { gateway }) => {
  const { caller, settings } = call;
  const found = await gateway.verifications.find(caller, idIn(call));
  if (!found) throw noEntity();
  const { verification, isExpired } = found;
  const [message] = await gateway.findMessages(caller, [verification.messageId]);
  const zone = settings.timeZone;
  const receiver = mobile(verification.number);
  return {
    body: {
      id: verification.id,
      to: receiver,
      reference: verification.clientRef,
      status: isExpired ? 'expired' : statusWords[verification.status],
      created_at: timeText(verification.createdAt, zone),
      expire_at: timeText(verification.expiresAt, zone),
      channels: message
        ? [
            {
              id: message.id,
              to: receiver,
              from: verification.sender,
              channel: message.medium,
              event_id: idOf(message),
              created_at: timeText(message.createdAt, zone),
              status: statusOf(message),
            },
          ]
        : [],
    },
  };
};

const statusWords: Record<Verification['status'], string> = {
  sent: 'sent',
  success: 'success',
  failed: 'failed',
  cancelled: 'cancelled',
};

export const verifyEndpoints: readonly Endpoint[] = [
  { path: '/verify/send', methods: { POST: send } },
  { path: '/verify', methods: { POST: send } },
  { path: '/verify/check/:id/:token', methods: { GET: check } },
  { path: '/verify/cancel/:id', methods: { GET: cancel } },
  { path: '/verify/search/:id', methods: { GET: search } },
];

/** "Use {token} in content for replacing otp." A text without it ends with the code. */
function wordsOf(template: string, places: Places): { before: string; behind: string } {
  const at = template.indexOf(mark);
  if (at < 0) return { before: `${template} `, behind: '' };
  const behind = template.slice(at + mark.length);
  // A second one would be sent as it stands here.
  if (behind.includes(mark)) throw invalid(places.template, 'The template must have {token} once.');
  return { before: template.slice(0, at), behind };
}

/** The code of the product that is asked for, which its channel must fit; else of the usual one. */
function productNamed(
  { caller: { view } }: Call,
  medium: Medium,
  service: string | undefined,
): string | undefined {
  if (service === undefined) return productFor(view, medium)?.code;
  if (productsOf(view).get(service)?.medium !== medium) throw noService();
  return service;
}

/** The first that the account may show. @throws GatewayError `invalid_request` when there is none. */
function usualSender({ caller }: Call): string {
  const [sender] = caller.view.senders.values();
  if (!sender) throw missing('from');
  return sender.address;
}

/** What is wrong with the message, by the field that says it. */
function refusalOf(code: string, detail: string, places: Places): GatewayError {
  switch (code) {
    case 'sender_not_allowed':
      return invalid(places.from, `The selected ${places.from} is invalid.`);
    case 'number_invalid':
    case 'number_not_mobile':
    case 'country_not_allowed':
      return invalid(places.to, `The ${places.to} format is invalid.`);
    case 'recipient_opted_out':
    case 'duplicate_message':
    case 'no_route':
      return new GatewayError('forbidden', detail);
    default:
      return invalid(places.template, detail);
  }
}
