import { timingSafeEqual } from 'node:crypto';
import type { E164 } from '../../text/phone-number.ts';
import { asE164, parseNumber } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId } from '../ids.ts';
import { Pace } from '../links/pace.ts';
import { optInByRequest, optOutByRequest } from './manage.ts';
import type { Scope } from './scope.ts';
import type { ScopedOptouts } from './scoped-optouts.ts';

export interface OptoutLinkSettings {
  /** What stands in front of each token, with its last slash; asked each time, as with short links. */
  base: () => string;
}

/** Out: nothing more is to be sent. In: it may be again. */
export type Direction = 'out' | 'in';

/** What stands in texts where each recipient gets a token of his own. */
export const placeholders: Readonly<Record<Direction, string>> = {
  out: '[#optout#]',
  in: '[#optin#]',
};

/** What a link is for. */
export interface OptoutWish {
  accountId: AccountId;
  number: E164;
  direction: Direction;
  /** None: everything. */
  scopes: readonly Scope[];
}

/** What a link's query says, of all that a browser may have added to it. */
export type LinkQuery = Pick<URLSearchParams, 'get'>;

/** More of one link say nothing any more. */
export const mostLinkTags = 3;
/** In one text: each is a signature for each of its recipients. */
const mostLinks = 3;
const longestValue = 100;
const purpose = 'opt-out link';
/** 96 bits of HMAC-SHA256: an address has 30 wrong ones a minute (`links/pace.ts`). */
const signatureLength = 16;
const bodyBytes = 24;
/** A longer text is refused by whoever is asked to send it. */
const longestText = 10_000;

/**
 * A place and the query behind it, in a sentence or in HTML. What a query has beside ours is passed over, since a
 * browser sends it too; a bracket begins the next place.
 */
const place =
  /\[#opt(?<direction>out|in)#\](?:\?(?<query>[\w.~-]+=[^\s&#"<>[\]]*(?:&[\w.~-]+=[^\s&#"<>[\]]*)*))?/g;
/** What ends a sentence or a bracket, not a link: handsets leave it out of what is tapped, so `queryOf` never ends so. */
const closing = /[.,;:!?)\]}"'>…。、।’”»]+$/;

/**
 * What is wrong with the links of a text, as a sentence: they could not be followed, or are too many to be signed for
 * each recipient.
 */
export function faultOfLinks(text: string): string | undefined {
  const links = linksIn(text);
  if (links.length > mostLinks) return `A text has at most ${mostLinks} opt-out links.`;
  return links.every(({ scopes }) => scopes)
    ? undefined
    : `An opt-out link has at most ${mostLinkTags} tags, and each of its values ${longestValue} characters.`;
}

function linksIn(text: string): ReturnType<typeof linkOf>[] {
  return [...text.matchAll(place)].map(({ groups = {} }) => linkOf(groups));
}

/** @returns no scopes for a link that says more than it may. */
function linkOf({ direction = 'out', query = '' }: Readonly<Record<string, string | undefined>>) {
  return {
    direction: direction as Direction,
    scopes: scopesOf(new URLSearchParams(query.replace(closing, ''))),
  };
}

/**
 * Links by which a handset opts out, or in again. A token says of which account and number, and is signed together
 * with the scopes that stand in the query: who has one can do that one thing for that one number, and neither the
 * number nor what the page says can be changed. Nothing is stored before somebody uses it.
 */
export class OptoutLinks {
  readonly #context: DeliveryContext;
  readonly #scoped: ScopedOptouts;
  readonly #base: () => string;
  readonly #pace = new Pace();

  constructor(context: DeliveryContext, scoped: ScopedOptouts, { base }: OptoutLinkSettings) {
    this.#context = context;
    this.#scoped = scoped;
    this.#base = base;
  }

  /** A link without its token, for a client to put into texts: `placeholder` stands where `fill` puts one. */
  template(placeholder: string, scopes: readonly Scope[]): string {
    const query = queryOf(scopes);
    return `${this.#base()}${placeholder}${query === '' ? '' : `?${query}`}`;
  }

  /**
   * Puts a token for its recipient in the place of each placeholder of a text, and signs what
   * the query behind it asks for. A text for what is no number, and one without a placeholder, stays as it is.
   */
  fill({ account }: Pick<AccountView, 'account'>, to: string, text: string): string {
    const number = parseNumber(to, account.homeCountry)?.e164;
    if (number === undefined || text.length > longestText) return text;
    const tokens = new Map<string, string>();
    return text.replace(place, (link: string, ...matched: unknown[]) => {
      const { direction, scopes = [] } = linkOf(matched.at(-1) as Record<string, string>);
      const what = `${direction} ${queryOf(scopes)}`;
      const known = tokens.get(what);
      const token = known ?? this.token({ accountId: account.id, number, direction, scopes });
      tokens.set(what, token);
      return token + link.slice(placeholders[direction].length);
    });
  }

  token(wish: OptoutWish): string {
    const body = bodyOf(wish).toString('base64url');
    return body + this.#signature(body, wish.scopes);
  }

  /** What a link is for. @returns undefined for one that is not ours, or not whole. */
  read(token: string, query: LinkQuery): OptoutWish | undefined {
    const scopes = scopesOf(query);
    if (!scopes || !/^[A-Za-z0-9_-]{48}$/.test(token)) return undefined;
    const body = token.slice(0, -signatureLength);
    const given = Buffer.from(token.slice(-signatureLength));
    if (!timingSafeEqual(given, Buffer.from(this.#signature(body, scopes)))) return undefined;
    const wish = wishOf(Buffer.from(body, 'base64url'));
    return wish && { ...wish, scopes };
  }

  /**
   * The same for a visitor, of whom only so many wrong ones a minute are looked at.
   * @throws GatewayError `too_many_attempts`.
   */
  look(token: string, query: LinkQuery, address: string): OptoutWish | undefined {
    const waitMs = this.#pace.take(address, this.#context.clock.now());
    if (waitMs > 0) {
      throw new GatewayError('too_many_attempts', 'Too many requests.', { retryAfterMs: waitMs });
    }
    const wish = this.read(token, query);
    if (wish) this.#pace.hit(address);
    return wish;
  }

  /**
   * Does what a link is for, once its visitor has said yes.
   * @returns false when its account is gone.
   * @throws GatewayError as the storage.
   */
  async carryOut({ accountId, number, direction, scopes }: OptoutWish): Promise<boolean> {
    const view = await this.#context.directory.view(accountId);
    if (!view) return false;
    if (scopes.length === 0) {
      await (direction === 'out'
        ? optOutByRequest(this.#context, view, number, 'link')
        : optInByRequest(this.#context, view, number));
    } else if (direction === 'out') {
      for (const scope of scopes) await this.#scoped.add({ view }, number, scope, 'link');
    } else await this.#scoped.removeOf({ view }, number, scopes);
    return true;
  }

  #signature(body: string, scopes: readonly Scope[]): string {
    const text = `${body} ${queryOf(scopes)}`;
    return this.#context.vault.sign(text, purpose).slice(0, signatureLength);
  }
}

/** One byte for the direction, sixteen for the account's id, seven for the digits. */
function bodyOf({ accountId, number, direction }: OptoutWish): Buffer {
  const body = Buffer.alloc(bodyBytes);
  body.writeUInt8(direction === 'out' ? 1 : 2, 0);
  body.write(accountId.replaceAll('-', ''), 1, 'hex');
  const digits = BigInt(number.slice(1));
  body.writeUInt8(Number(digits >> 48n), 17);
  body.writeUIntBE(Number(digits & 0xffff_ffff_ffffn), 18, 6);
  return body;
}

function wishOf(body: Buffer): Omit<OptoutWish, 'scopes'> | undefined {
  const kind = body.readUInt8(0);
  const digits = (BigInt(body.readUInt8(17)) << 48n) | BigInt(body.readUIntBE(18, 6));
  const number = asE164(`+${digits}`);
  if ((kind !== 1 && kind !== 2) || number === undefined) return undefined;
  const accountId = body
    .toString('hex', 1, 17)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as AccountId;
  return { accountId, number, direction: kind === 1 ? 'out' : 'in' };
}

/** In one order, so that the same scopes are always written alike. */
function queryOf(scopes: readonly Scope[]): string {
  const values = (kind: Scope['kind']) =>
    scopes.flatMap((scope) => (scope.kind === kind ? [encoded(scope.value)] : []));
  return [
    ['sender', values('sender')] as const,
    ['tag', values('tag')] as const,
    ['service', values('product')] as const,
  ]
    .flatMap(([name, of]) => (of.length > 0 ? [`${name}=${of.join(',')}`] : []))
    .join('&');
}

/** Also what `encodeURIComponent` leaves and might close a sentence (`closing`). */
function encoded(value: string): string {
  const hex = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value).replace(/[.!')]+$/, (end) => [...end].map(hex).join(''));
}

/** @returns undefined for what no link of ours says. */
function scopesOf(query: LinkQuery): Scope[] | undefined {
  const one = (name: string, kind: Scope['kind']): Scope[] => {
    const value = query.get(name) ?? '';
    return value === '' ? [] : [{ kind, value }];
  };
  const tags = (query.get('tag') ?? '').split(',').filter((tag) => tag !== '');
  const scopes = [
    ...one('sender', 'sender'),
    ...tags.map((value): Scope => ({ kind: 'tag', value })),
    ...one('service', 'product'),
  ];
  const isOurs =
    tags.length <= mostLinkTags && scopes.every(({ value }) => value.length <= longestValue);
  return isOurs ? scopes : undefined;
}
