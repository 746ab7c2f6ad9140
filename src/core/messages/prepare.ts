import type { Encoding } from '../../text/parts.ts';
import { measureText } from '../../text/parts.ts';
import { firstNonGsm7 } from '../../text/gsm7.ts';
import { canBeMobile } from '../../text/numbering-plan.ts';
import type { Country, E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import type { MessageError, MessageErrorCode } from '../errors.ts';
import type { MessageId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import type { Route } from '../routing/route.ts';
import type { Routing } from '../routing/routing.ts';
import type { Sender } from '../senders/sender.ts';
import { senderKey } from '../senders/sender.ts';
import type { Message } from './message.ts';

/** One text to one destination, as a client asks for it. */
export interface OutgoingMessage {
  to: string;
  text: string;
  sender: string;
  clientRef?: string | null | undefined;
  /** What rules may ask of it beside its addresses; in the words of its dialect. */
  product?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  /** Not before this instant. */
  scheduledAt?: number | null | undefined;
  /** Not after this instant; default what the configuration says. */
  expiresAt?: number | null | undefined;
  /** Higher goes first; default 0. */
  priority?: number | undefined;
  /** As `Message.extras`. */
  extras?: Message['extras'] | undefined;
  /** Its id, where the caller has told it already: one that the `Ids` port made. */
  id?: MessageId | undefined;
  limits: MessageLimits;
}

/** What a dialect promises about a text; each message has its own, since some APIs let it choose. */
export interface MessageLimits {
  /** `gsm7`: any other character is refused, so that nothing vanishes silently. */
  alphabet: 'gsm7' | 'any';
  characters: number;
  parts: number;
}

/** A message that may be accepted. */
export interface Prepared {
  ok: true;
  destination: E164;
  sender: string;
  text: string;
  encoding: Encoding;
  parts: number;
  price: Millicredits;
  clientRef: string | null;
  product: string | null;
  tags: readonly string[] | null;
  scheduledAt: number | null;
  expiresAt: number | null;
  priority: number;
  extras: Message['extras'];
  route: Route;
}

/** A message that is refused: nothing of it is stored. */
export interface Refused {
  ok: false;
  error: MessageError;
}

/** Of one message; each of at most so many characters. */
const mostTags = 20;
const longestLabel = 400;
/** How far ahead a message may be scheduled. */
const scheduleLimitMs = 366 * 24 * 3600_000;

const refuse = (code: MessageErrorCode, detail: string): Refused => ({
  ok: false,
  error: { code, detail },
});

function prepareDestination(
  message: OutgoingMessage,
  view: AccountView,
): { ok: true; destination: E164; country: Country } | Refused {
  const { homeCountry, allowedCountries } = view.account;
  const number = parseNumber(message.to, homeCountry);
  if (!number) return refuse('number_invalid', `${quoted(message.to)} is not a phone number.`);
  if (!allowedCountries.includes(number.country)) {
    return refuse(
      'country_not_allowed',
      `This account may not send to ${number.country}. It may send to ${allowedCountries.join(', ')}.`,
    );
  }
  if (!canBeMobile(number.type)) {
    return refuse('number_not_mobile', `${quoted(message.to)} is not a mobile number.`);
  }
  return { ok: true, destination: number.e164, country: number.country };
}

/**
 * Everything about one message that needs no transaction: number, sender, alphabet, parts, price,
 * route. What others may change at the same moment (opt-outs, repetitions, the balance) is asked in the
 * transaction, by `acceptAll`. Pure but for its arguments.
 */
export function prepareMessage(
  message: OutgoingMessage,
  known: { view: AccountView; channel: string; routing: Routing; now: number },
): Prepared | Refused {
  const { view, channel, routing, now } = known;
  const number = prepareDestination(message, view);
  if (!number.ok) return number;
  const { destination, country } = number;
  const sender = findSender(message.sender, view);
  if (!sender) {
    return refuse(
      'sender_not_allowed',
      `${quoted(message.sender)} is not a registered sender of this account.`,
    );
  }
  const { text, limits } = message;
  if (text === '') return refuse('text_empty', 'The message has no text.');
  if (text.length > limits.characters) {
    return refuse(
      'text_too_long',
      `The message has ${text.length} characters; at most ${limits.characters} are allowed.`,
    );
  }
  const measured = measureText(text);
  if (measured.encoding !== 'gsm7' && limits.alphabet === 'gsm7') {
    return refuse(
      'text_not_gsm',
      `The message has a character that is not in the GSM alphabet: ${firstNonGsm7(text) ?? ''}`,
    );
  }
  if (!text.isWellFormed() || text.includes('\0')) {
    return refuse('field_invalid', 'The message has a character that no network can carry.');
  }
  if (measured.parts > limits.parts) {
    return refuse(
      'too_many_parts',
      `The message needs ${measured.parts} parts; at most ${limits.parts} are allowed.`,
    );
  }
  const scheduledAt = message.scheduledAt ?? null;
  if (scheduledAt !== null && scheduledAt > now + scheduleLimitMs) {
    return refuse('schedule_invalid', 'The message is scheduled more than a year ahead.');
  }
  const expiresAt = message.expiresAt ?? null;
  if (expiresAt !== null && expiresAt <= Math.max(now, scheduledAt ?? now)) {
    return refuse('schedule_invalid', 'The message would expire before it could be sent.');
  }
  const { product = null, tags = null } = message;
  if (!areLabels(product, tags)) {
    return refuse(
      'field_invalid',
      'The message has a product or tags that are too long or too many.',
    );
  }
  const route = routing.routeFor({
    accountName: view.account.name,
    destination,
    country,
    sender: sender.address,
    product,
    channel,
    tags,
  });
  if (!route) return refuse('no_route', 'There is no route to this destination.');
  return {
    ok: true,
    destination,
    sender: sender.address,
    text,
    encoding: measured.encoding,
    parts: measured.parts,
    price: millicredits(view.account.pricePerPart * measured.parts),
    clientRef: message.clientRef ?? null,
    product,
    tags: tags && tags.length > 0 ? tags : null,
    // A time that has passed means now.
    scheduledAt: scheduledAt !== null && scheduledAt > now ? scheduledAt : null,
    expiresAt,
    priority: message.priority ?? 0,
    extras: message.extras ?? null,
    route,
  };
}

/** What a dialect lets through beyond this is a defect of its schema. */
function areLabels(product: string | null, tags: readonly string[] | null): boolean {
  if (product !== null && !isLabel(product)) return false;
  return tags === null || (tags.length <= mostTags && tags.every(isLabel));
}

function isLabel(text: string): boolean {
  return text.length <= longestLabel && text.isWellFormed() && !text.includes('\0');
}

/** A number may be named in local form: it is registered in international form. */
function findSender(address: string, view: AccountView): Sender | undefined {
  const sender = view.senders.get(senderKey(address));
  if (sender || !/^0\d{5,14}$/.test(address)) return sender;
  const number = parseNumber(address, view.account.homeCountry);
  return number && view.senders.get(senderKey(number.e164));
}

/** What a client sent, short enough to be shown back to it. */
function quoted(text: string): string {
  return `'${text.length > 40 ? `${text.slice(0, 40)}…` : text}'`;
}
