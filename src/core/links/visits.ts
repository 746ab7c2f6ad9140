import type { Storage, Tx } from '../ports/storage.ts';
import type { ShortCode } from './code.ts';
import type { ShortLink, Visit } from './short-link.ts';
import { mostVisitsKept } from './short-link.ts';

/** Links whose visits share a transaction: one to two milliseconds, in which no message is written. */
const linksAtOnce = 200;
/** What waits in memory: links that were visited, and visits of them that are kept with their time. */
const mostLinksWaiting = 10_000;
const mostVisitsWaiting = 2_000;

/** The visits of one link since the last write. */
interface Tally {
  code: ShortCode;
  clicks: number;
  views: number;
  /** Those that may be kept, in order. */
  visits: Visit[];
}

/**
 * Visits on their way to disk. They are gathered here and written now and then, those of a link together:
 * 100 000 of ten links take 8 ms of SQLite, of ten thousand links 60 ms. Who follows a link does not wait for
 * that; if the process dies, the visits of the last second are lost, and no more than these.
 */
export class Visits {
  readonly #storage: Pick<Storage, 'write'>;
  #waiting = new Map<ShortCode, Tally>();
  #kept = 0;

  constructor(storage: Pick<Storage, 'write'>) {
    this.#storage = storage;
  }

  add(visit: Visit): void {
    this.#merge({
      code: visit.code,
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
        await this.#storage.write((tx) => record(tx, some));
      } catch (error) {
        for (const tally of all.slice(done)) this.#merge(tally);
        throw error;
      }
    }
  }

  #merge({ code, clicks, views, visits }: Tally): void {
    let tally = this.#waiting.get(code);
    if (!tally) {
      if (this.#waiting.size === mostLinksWaiting) return;
      tally = { code, clicks: 0, views: 0, visits: [] };
      this.#waiting.set(code, tally);
    }
    tally.clicks += clicks;
    tally.views += views;
    for (const visit of visits) {
      if (this.#kept === mostVisitsWaiting || tally.visits.length === mostVisitsKept) return;
      tally.visits.push(visit);
      this.#kept += 1;
    }
  }
}

/** Links that are gone meanwhile are passed over. */
async function record(tx: Tx, tallies: readonly Tally[]): Promise<void> {
  const byCode = new Map(tallies.map((tally) => [tally.code, tally]));
  // In one order on all nodes, so that none waits for another in a circle.
  const links = await tx.shortLinks.lock([...byCode.keys()].toSorted());
  const counted: ShortLink[] = [];
  const kept: Visit[] = [];
  for (const link of links) {
    const tally = byCode.get(link.code) as Tally;
    const room = Math.max(0, mostVisitsKept - link.clicks - link.views);
    kept.push(...tally.visits.slice(0, room));
    counted.push({
      ...link,
      clicks: link.clicks + tally.clicks,
      views: link.views + tally.views,
    });
  }
  await tx.shortLinks.saveCounts(counted);
  await tx.shortLinks.insertVisits(kept);
}
