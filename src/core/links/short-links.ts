import type { Caller } from '../accounts/authenticate.ts';
import type { Directory } from '../accounts/directory.ts';
import { GatewayError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { Outbox } from '../notifications/outbox.ts';
import type { Page, Rate, Storage } from '../ports/storage.ts';
import type { ShortCode } from './code.ts';
import { asShortCode } from './code.ts';
import { OwnLinks } from './own-links.ts';
import { Pace } from './pace.ts';
import { Quota } from './quota.ts';
import type { ShortLinkReport } from './report.ts';
import { reportLinks } from './report.ts';
import type { ShortLink, ShortLinkSearch, Visit } from './short-link.ts';
import { Shortener } from './shorten.ts';
import type { Visitor } from './visitor.ts';
import { kindOf, shownUserAgent } from './visitor.ts';
import { Visits } from './visits.ts';

export interface ShortLinkSettings {
  /**
   * What stands in front of each code, with its last slash. Asked each time: on a free port it is known only
   * when the server listens.
   */
  base: () => string;
  /** Is the address of a visitor kept? */
  keepAddresses: boolean;
  /** Is what a visitor calls itself kept? */
  keepUserAgents: boolean;
  /** How often one address may follow accounts' own links, all of them together. */
  smart: Rate;
}

/** A link with those of its visits that were kept, newest first. */
export interface ShortLinkDetail {
  link: ShortLink;
  visits: Visit[];
}

/** Short links: where they lead, who followed them. */
export class ShortLinks {
  readonly shortener: Shortener;
  /** Those that accounts make by themselves. */
  readonly own: OwnLinks;
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #settings: ShortLinkSettings;
  readonly #visits: Visits;
  readonly #pace = new Pace();
  readonly #smart: Quota;

  constructor(
    parts: { storage: Storage; clock: Clock; ids: Ids; directory: Directory; outbox: Outbox },
    settings: ShortLinkSettings,
  ) {
    const { storage, directory, outbox } = parts;
    this.#storage = storage;
    this.#clock = parts.clock;
    this.#settings = settings;
    this.#smart = new Quota(settings.smart);
    const shortener = new Shortener(parts.ids, settings.base);
    const urlOf = (code: ShortCode) => shortener.urlOf(code);
    this.#visits = new Visits(storage, { directory, outbox, urlOf });
    this.shortener = shortener;
    this.own = new OwnLinks({ ...parts, shortener });
  }

  urlOf({ code }: Pick<ShortLink, 'code'>): string {
    return this.shortener.urlOf(code);
  }

  /**
   * Somebody asks where a short link leads. The visit is counted a moment later, by `writeVisits`.
   * @returns the URL as a browser writes it, in ASCII; undefined when there is no such link.
   * @throws GatewayError `too_many_attempts` for an address that asks too often, `storage_unavailable`.
   */
  async follow(text: string, visitor: Visitor): Promise<string | undefined> {
    const now = this.#clock.now();
    refuseFor(this.#pace.take(visitor.address, now));
    const code = asShortCode(text);
    const link = code && (await this.#storage.read.shortLinks.find(code));
    // What never was a code is no guess either.
    if (link || !code) this.#pace.hit(visitor.address);
    if (!link) return undefined;
    if (link.messageId === null) refuseFor(this.#smart.take(visitor.address, now));
    const visit: Visit = {
      code: link.code,
      kind: kindOf(visitor),
      at: now,
      userAgent: this.#settings.keepUserAgents ? shownUserAgent(visitor.userAgent) : null,
      address: this.#settings.keepAddresses ? visitor.address : null,
    };
    this.#visits.add(visit, link);
    return new URL(link.url).href;
  }

  /** Writes the visits of the last moments down. @throws GatewayError as the storage; they wait on then. */
  writeVisits(): Promise<void> {
    return this.#visits.write();
  }

  /** The caller's links that fit, newest first, with what all of them come to. */
  report(caller: Caller, search: ShortLinkSearch, page: Page): Promise<ShortLinkReport> {
    return reportLinks(this.#storage.read.shortLinks, caller.view.account.id, search, page);
  }

  /** The caller's link of this code. */
  async detail(caller: Caller, text: string): Promise<ShortLinkDetail | undefined> {
    const code = asShortCode(text);
    const detail = code && (await this.findAny(code));
    return detail?.link.accountId === caller.view.account.id ? detail : undefined;
  }

  /** Whosever it is: for the owner's tools only. */
  async findAny(code: ShortCode): Promise<ShortLinkDetail | undefined> {
    const { shortLinks } = this.#storage.read;
    const link = await shortLinks.find(code);
    return link && { link, visits: await shortLinks.visits(code) };
  }
}

function refuseFor(waitMs: number): void {
  if (waitMs === 0) return;
  throw new GatewayError('too_many_attempts', 'Too many requests.', { retryAfterMs: waitMs });
}
