import type { Encoding } from '../../text/parts.ts';
import { measureText } from '../../text/parts.ts';
import { firstNonGsm7 } from '../../text/gsm7.ts';
import { canBeMobile } from '../../text/numbering-plan.ts';
import type { Country, E164 } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import { deviceFor } from '../devices/address.ts';
import type { MessageDevice } from '../devices/device.ts';
import type { MessageError, MessageErrorCode } from '../errors.ts';
import type { MessageId, ProductId } from '../ids.ts';
import { shortensAlways } from '../links/always.ts';
import type { Shortened, Shortener } from '../links/shorten.ts';
import type { Metadata } from '../links/short-link.ts';
import type { Millicredits } from '../money.ts';
import { millicredits } from '../money.ts';
import { quoted } from '../quoted.ts';
import type { Route } from '../routing/route.ts';
import type { Routing } from '../routing/routing.ts';
import type { Sender } from '../senders/sender.ts';
import { senderKey } from '../senders/sender.ts';
import type { Medium } from './medium.ts';
import type { Message, Simulation } from './message.ts';

/** One text to one destination, as a client asks for it. */
export interface OutgoingMessage {
  to: string;
  text: string;
  /** Goes out behind its text, and is shown and kept nowhere else: GSM characters, counted with the text. */
  secret?: string | null | undefined;
  sender: string;
  clientRef?: string | null | undefined;
  /**
   * What rules may ask of it beside its addresses, in the words of its dialect. Where it is the code of a product of
   * its account, it is paid at that one's price from that one's purse.
   */
  product?: string | null | undefined;
  tags?: readonly string[] | null | undefined;
  /** Not before this instant. */
  scheduledAt?: number | null | undefined;
  /** Not after this instant; default what the configuration says. */
  expiresAt?: number | null | undefined;
  /** Higher goes first; default 0. */
  priority?: number | undefined;
  /** Default `sms`. */
  medium?: Medium | undefined;
  /** As `Message.simulate`. */
  simulate?: Simulation | null | undefined;
  /**
   * By which of its account's phones it goes, whatever the rules say: any of them where `id` is null. A sender that
   * is a phone's number says as much.
   */
  device?: { id: string | null; sim: number | null } | null | undefined;
  /** As `Message.flash`. */
  flash?: boolean | undefined;
  /** Its URLs become short ones of ours; what it costs follows from the text as it is then. Default as its account has it. */
  shorten?: boolean | undefined;
  /** Kept with its short links, for its client to find them by. */
  metadata?: Metadata | null | undefined;
  /** As `Message.extras`. */
  extras?: Message['extras'] | undefined;
  /** Its id, where the caller has told it already: one that the `Ids` port made. */
  id?: MessageId | undefined;
  /** One of the account's that came to a bad end, whose place it takes: its account sees that one no more. */
  insteadOf?: MessageId | undefined;
  /** Why it is refused, whatever else could be said of it: what its way in found out. */
  refusal?: MessageError | undefined;
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
  secret: string | null;
  medium: Medium;
  encoding: Encoding;
  parts: number;
  price: Millicredits;
  clientRef: string | null;
  product: string | null;
  productId: ProductId | null;
  tags: readonly string[] | null;
  scheduledAt: number | null;
  expiresAt: number | null;
  priority: number;
  simulate: Simulation | null;
  device: MessageDevice | null;
  flash: Message['flash'];
  extras: Message['extras'];
  /** Those that stand in its text. */
  links: Shortened['links'];
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
const noLinks: Prepared['links'] = [];
/** How far ahead a message may be scheduled. */
export const scheduleLimitMs = 366 * 24 * 3600_000;

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
  // A call rings anywhere.
  if (message.medium !== 'voice' && !canBeMobile(number.type)) {
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
  known: {
    view: AccountView;
    channel: string;
    routing: Routing;
    shortener: Shortener;
    now: number;
  },
): Prepared | Refused {
  const { view, channel, routing, shortener, now } = known;
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
  const { text: written, limits } = message;
  if (written === '' && !message.secret) return refuse('text_empty', 'The message has no text.');
  if (written.length > limits.characters) {
    return refuse(
      'text_too_long',
      `The message has ${written.length} characters; at most ${limits.characters} are allowed.`,
    );
  }
  const { medium = 'sms', simulate = null } = message;
  const secret = message.secret ?? null;
  // What is read aloud has no links, and what has a secret is a link that must stay as it is.
  const shorten = message.shorten ?? shortensAlways(view.account);
  const shortened =
    shorten && medium !== 'voice' && secret === null ? shortener.shorten(written) : null;
  const text = shortened?.text ?? written;
  const whole = secret === null ? text : text + secret;
  const measured = medium === 'sms' ? measureText(whole) : { ...measureText(whole), parts: 1 };
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
  const offer = product === null ? undefined : view.products.get(product);
  const device = routing.goesByDevices ? deviceFor(message.device, sender, view.devices) : null;
  if (device === undefined) {
    return refuse(
      'field_invalid',
      'The message names a phone or SIM that this account does not have.',
    );
  }
  if (message.device && device === null) return refuse('no_route', 'No link goes by phones.');
  const route = routing.routeFor({
    accountName: view.account.name,
    destination,
    country,
    sender: sender.address,
    product,
    channel,
    tags,
    medium,
    simulate,
    device,
  });
  if (!route) return refuse('no_route', noRoute(medium, simulate));
  return {
    ok: true,
    destination,
    sender: sender.address,
    text,
    secret,
    medium,
    encoding: measured.encoding,
    parts: measured.parts,
    price: millicredits(simulate ? 0 : (offer ?? view.account).pricePerPart * measured.parts),
    clientRef: message.clientRef ?? null,
    product,
    productId: offer?.id ?? null,
    tags: tags && tags.length > 0 ? tags : null,
    // A time that has passed means now.
    scheduledAt: scheduledAt !== null && scheduledAt > now ? scheduledAt : null,
    expiresAt,
    priority: message.priority ?? 0,
    simulate,
    device,
    flash: message.flash ? 1 : 0,
    extras: message.extras ?? null,
    links: shortened?.links ?? noLinks,
    route,
  };
}

function noRoute(medium: Medium, simulate: Simulation | null): string {
  if (simulate) return 'No link plays messages.';
  return medium === 'sms'
    ? 'There is no route to this destination.'
    : `There is no route for ${medium} to this destination.`;
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
