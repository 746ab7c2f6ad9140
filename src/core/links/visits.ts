import type { AccountView } from '../accounts/account.ts';
import type { Directory } from '../accounts/directory.ts';
import type { Event } from '../events.ts';
import type { AccountId } from '../ids.ts';
import type { Outbox, Told } from '../notifications/outbox.ts';
import type { Storage, Tx } from '../ports/storage.ts';
import type { ShortCode } from './code.ts';
import type { ShortLink, Visit } from './short-link.ts';
import { mostVisitsKept, visitsKeptOf } from './short-link.ts';

/** Links whose visits share a transaction: one to two milliseconds, in which no message is written. */
const linksAtOnce = 200;
/** What waits in memory: links that were visited, and visits of them that are kept with their time. */
const mostLinksWaiting = 10_000;
const mostVisitsWaiting = 2_000;

/** The visits of one link since the last write. */
interface Tally {
  code: ShortCode;
  /** Whose endpoint is told of them; null where none is. */
  teller: AccountId | null;
  clicks: number;
  views: number;
  /** Those that may be kept, in order. */
  visits: Visit[];
}

/** Who is told of visits, and by what name of a link. */
interface Telling {
  directory: Pick<Directory, 'view'>;
  outbox: Pick<Outbox, 'tell' | 'wake'>;
  urlOf: (code: ShortCode) => string;
}

/**
 * Visits on their way to disk. They are gathered here and written now and then, those of a link together:
 * 100 000 of ten links take 8 ms of SQLite, of ten thousand links 60 ms. Who follows a link does not wait for
 * that; if the process dies, the visits of the last second are lost, and no more than these.
 *
 * Strangers make the visits: so no more of them are told to anybody than are kept.
 */
export class Visits {
  readonly #storage: Pick<Storage, 'write'>;
  readonly #telling: Telling;
  #waiting = new Map<ShortCode, Tally>();
  #kept = 0;

  constructor(storage: Pick<Storage, 'write'>, telling: Telling) {
    this.#storage = storage;
    this.#telling = telling;
  }

  add(visit: Visit, { accountId, endpointId }: Pick<ShortLink, 'accountId' | 'endpointId'>): void {
    this.#merge({
      code: visit.code,
      teller: endpointId === null ? null : accountId,
      clicks: visit.kind === 'click' ? 1 : 0,
      views: visit.kind === 'view' ? 1 : 0,
      visits: [visit],
    });
  }

  /** Writes what waits. @throws as the storage; what could not be written waits on. */
  async write(): Promise<void> {
    const all = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#kept = 0;
    for (let done = 0; done < all.length; done += linksAtOnce) {
      const some = all.slice(done, done + linksAtOnce);
      try {
        const views = await this.#viewsOf(some);
        const told = await this.#storage.write((tx) => this.#record(tx, some, views));
        if (told) this.#telling.outbox.wake(told);
      } catch (error) {
        for (const tally of all.slice(done)) this.#merge(tally);
        throw error;
      }
    }
  }

  #merge({ code, teller, clicks, views, visits }: Tally): void {
    let tally = this.#waiting.get(code);
    if (!tally) {
      if (this.#waiting.size === mostLinksWaiting) return;
      tally = { code, teller, clicks: 0, views: 0, visits: [] };
      this.#waiting.set(code, tally);
    }
    tally.teller ??= teller;
    tally.clicks += clicks;
    tally.views += views;
    for (const visit of visits) {
      if (this.#kept === mostVisitsWaiting || tally.visits.length === mostVisitsKept) return;
      tally.visits.push(visit);
      this.#kept += 1;
    }
  }

  async #viewsOf(tallies: readonly Tally[]): Promise<Map<AccountId, AccountView>> {
    const views = new Map<AccountId, AccountView>();
    for (const id of new Set(tallies.flatMap(({ teller }) => teller ?? []))) {
      const view = await this.#telling.directory.view(id);
      if (view) views.set(id, view);
    }
    return views;
  }

  /** Links that are gone meanwhile are passed over. @returns what is told, if anything is. */
  async #record(
    tx: Tx,
    tallies: readonly Tally[],
    views: ReadonlyMap<AccountId, AccountView>,
  ): Promise<Told | undefined> {
    const byCode = new Map(tallies.map((tally) => [tally.code, tally]));
    // In one order on all nodes, so that none waits for another in a circle.
    const links = await tx.shortLinks.lock([...byCode.keys()].toSorted());
    const counted: ShortLink[] = [];
    const kept: Visit[] = [];
    const events: { event: Event; view: AccountView }[] = [];
    for (const link of links) {
      const tally = byCode.get(link.code) as Tally;
      const room = Math.max(0, visitsKeptOf(link) - link.clicks - link.views);
      const visits = tally.visits.slice(0, room);
      kept.push(...visits);
      const view = views.get(link.accountId);
      if (view && link.endpointId !== null) {
        for (const visit of visits) events.push({ event: this.#eventOf(link, visit), view });
      }
      counted.push({
        ...link,
        clicks: link.clicks + tally.clicks,
        views: link.views + tally.views,
      });
    }
    await tx.shortLinks.saveCounts(counted);
    await tx.shortLinks.insertVisits(kept);
    return events.length > 0 ? this.#telling.outbox.tell(tx, events) : undefined;
  }

  #eventOf(link: ShortLink, { kind, at, userAgent, address }: Visit): Event {
    const { code, accountId, endpointId, url, title } = link;
    const shortUrl = this.#telling.urlOf(code);
    return {
      type: 'link.visited',
      accountId,
      at,
      link: { code, shortUrl, url, title, endpointId },
      visit: { kind, userAgent, address },
    };
  }
}
