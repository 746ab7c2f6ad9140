import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { EndpointId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Page, Storage } from '../ports/storage.ts';
import type { ShortCode } from './code.ts';
import { asShortCode, newCode } from './code.ts';
import type { OwnLinkSearch, ShortLink, Visit } from './short-link.ts';
import type { Shortener } from './shorten.ts';

/** Of one account; those that it is finished with it may remove. */
const mostOwnLinks = 100_000;
const longestUrl = 2_048;
const longestTitle = 255;

/** What an account says of a link that it makes by itself. */
export interface OwnLink {
  /** Where it leads: http or https. */
  url: string;
  /** For people. */
  title: string | null;
  /** What it is told of visitors is to be as much as can be told; for whoever reads it. */
  advanced: boolean;
  /** One of the account's endpoints, which is told of visits. */
  endpointId: EndpointId | null;
}

/** A page of a list, and how many there are. */
export interface Counted<Row> {
  rows: Row[];
  total: number;
}

/**
 * Short links that belong to no message: an account makes them by itself, and puts them where it likes. They are
 * counted and kept like the others, and each address may follow them a few times only (`ShortLinkSettings.smart`):
 * they are for anybody, and nothing tells who is meant.
 */
export class OwnLinks {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #ids: Ids;
  readonly #shortener: Shortener;

  constructor(parts: { storage: Storage; clock: Clock; ids: Ids; shortener: Shortener }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#ids = parts.ids;
    this.#shortener = parts.shortener;
  }

  /** @throws GatewayError `invalid_request` for what cannot be led to, and beyond the most links of an account. */
  async create({ view }: Caller, wanted: OwnLink): Promise<ShortLink> {
    const accountId = view.account.id;
    const checked = this.#check(wanted, view.endpoints);
    return this.#storage.write(async (tx) => {
      // Who makes one at the same time waits here, and is counted below.
      await tx.accounts.lockBalances([accountId]);
      if ((await tx.shortLinks.countOwn(accountId, mostOwnLinks)) >= mostOwnLinks) {
        throw new GatewayError('invalid_request', `An account has ${mostOwnLinks} links at most.`);
      }
      let code = newCode(this.#ids);
      while ((await tx.shortLinks.taken([code])).size > 0) code = newCode(this.#ids);
      const now = this.#clock.now();
      const link: ShortLink = {
        ...checked,
        code,
        accountId,
        messageId: null,
        destination: null,
        metadata: null,
        createdAt: now,
        changedAt: now,
        clicks: 0,
        views: 0,
      };
      await tx.shortLinks.insert([link]);
      return link;
    });
  }

  /** @returns undefined when the caller has no such link. @throws GatewayError as `create`. */
  async update(
    { view }: Caller,
    text: string,
    changes: Partial<OwnLink>,
  ): Promise<ShortLink | undefined> {
    return this.#change(view.account.id, text, async (tx, link) => {
      const { url, title, endpointId } = { ...link, ...changes };
      const advanced = changes.advanced ?? link.advanced === 1;
      const wanted = { url, title, advanced, endpointId };
      const changed: ShortLink = {
        ...link,
        ...this.#check(wanted, view.endpoints, link),
        changedAt: this.#clock.now(),
      };
      await tx.shortLinks.save(changed);
      return changed;
    });
  }

  /** It leads nowhere any more, and its visits are forgotten. @returns whether the caller had such a link. */
  async remove({ view }: Caller, text: string): Promise<boolean> {
    const removed = await this.#change(view.account.id, text, async (tx, { code }) => {
      await tx.shortLinks.remove(code);
      return true;
    });
    return removed ?? false;
  }

  async find({ view }: Caller, text: string): Promise<ShortLink | undefined> {
    const code = asShortCode(text);
    const link = code && (await this.#storage.read.shortLinks.find(code));
    return isOwn(link, view.account.id) ? link : undefined;
  }

  /** Those of the caller's that fit, newest first. */
  async list({ view }: Caller, search: OwnLinkSearch, page: Page): Promise<Counted<ShortLink>> {
    const { shortLinks } = this.#storage.read;
    const [rows, total] = await Promise.all([
      shortLinks.own(view.account.id, search, page),
      shortLinks.countOwn(view.account.id, search),
    ]);
    return { rows, total };
  }

  /** Those that were kept, newest first. @returns undefined when the caller has no such link. */
  async visits(caller: Caller, text: string, page: Page): Promise<Counted<Visit> | undefined> {
    const link = await this.find(caller, text);
    if (!link) return undefined;
    const { shortLinks } = this.#storage.read;
    const [rows, total] = await Promise.all([
      shortLinks.visitsPage(link.code, page),
      shortLinks.countVisits(link.code),
    ]);
    return { rows, total };
  }

  async #change<T>(
    accountId: ShortLink['accountId'],
    text: string,
    change: (tx: Parameters<Parameters<Storage['write']>[0]>[0], link: ShortLink) => Promise<T>,
  ): Promise<T | undefined> {
    const code: ShortCode | undefined = asShortCode(text);
    if (!code) return undefined;
    return this.#storage.write(async (tx) => {
      const [link] = await tx.shortLinks.lock([code]);
      return isOwn(link, accountId) ? change(tx, link) : undefined;
    });
  }

  /** @param before what it was: an endpoint that is gone meanwhile may stay named. */
  #check(
    { url, title, advanced, endpointId }: OwnLink,
    endpoints: readonly { id: EndpointId }[],
    before?: ShortLink,
  ): Pick<ShortLink, 'url' | 'title' | 'advanced' | 'endpointId'> {
    if (url.length > longestUrl || !isWebUrl(url)) {
      throw new GatewayError(
        'invalid_request',
        `A link leads to an http or https URL of at most ${longestUrl} characters.`,
      );
    }
    if (this.#shortener.isOurs(url)) {
      throw new GatewayError('invalid_request', 'A short link does not lead to another one.');
    }
    if (title !== null && title.length > longestTitle) {
      throw new GatewayError('invalid_request', `A title has at most ${longestTitle} characters.`);
    }
    const known = endpointId === null || endpointId === before?.endpointId;
    if (!known && !endpoints.some(({ id }) => id === endpointId)) {
      throw new GatewayError('invalid_request', 'There is no such webhook.');
    }
    return { url, title, advanced: advanced ? 1 : 0, endpointId };
  }
}

function isOwn(link: ShortLink | undefined, accountId: ShortLink['accountId']): link is ShortLink {
  return link?.accountId === accountId && link.messageId === null;
}

function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    (url.protocol === 'http:' || url.protocol === 'https:') &&
    url.username === '' &&
    url.password === ''
  );
}
