import type { AccountId } from '../ids.ts';
import type { Page, Reads } from '../ports/storage.ts';
import type { ShortLink, ShortLinkSearch, ShortLinkTotals } from './short-link.ts';

/** Links of an account that are looked at in one go: 2 ms on SQLite, which does nothing else meanwhile. */
const linksOfAStretch = 5_000;
/** The newest million; who has more is told of those. */
const mostStretches = 200;

/** The links that fit a search, newest first, a page of them; and what all of them come to. */
export interface ShortLinkReport {
  totals: ShortLinkTotals;
  links: ShortLink[];
}

/**
 * Adds up an account's links stretch by stretch, from the newest back, so that neither a long list nor a
 * search that finds nothing keeps others waiting.
 * @param linksAtOnce given by tests only.
 */
export async function reportLinks(
  read: Reads['shortLinks'],
  accountId: AccountId,
  search: ShortLinkSearch,
  page: Page,
  linksAtOnce = linksOfAStretch,
): Promise<ShortLinkReport> {
  const totals: ShortLinkTotals = { links: 0, clicks: 0, views: 0, clicked: 0, viewed: 0 };
  const links: ShortLink[] = [];
  let before = Number.MAX_SAFE_INTEGER;
  for (let stretch = 0; stretch < mostStretches; stretch++) {
    const from = await read.stretchFrom(accountId, search.destination, before, linksAtOnce);
    const span = { from: from ?? 0, before };
    const sums = await read.sums(accountId, search, span);
    const passed = Math.max(0, page.offset - totals.links);
    const wanted = page.limit - links.length;
    if (wanted > 0 && passed < sums.links) {
      links.push(...(await read.list(accountId, search, span, { limit: wanted, offset: passed })));
    }
    for (const what of Object.keys(totals) as (keyof ShortLinkTotals)[]) totals[what] += sums[what];
    if (from === undefined) break;
    before = from;
    // An engine in this thread has answered at once, and nobody else has had a turn yet.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { totals, links };
}
