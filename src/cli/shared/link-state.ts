import type { LinkId } from '../../core/ids.ts';
import type { LinkHolding } from '../../core/ports/storage.ts';
import { roughly } from './format.ts';

/** What the nodes that hold a link say of it. */
export interface LinkStanding {
  /** `unheld`: nobody holds it. Null: its holder has said nothing yet. */
  state: LinkHolding['state'] | 'unheld';
  since: number | null;
  demotedSince: number | null;
  /** Receipts by which it is judged, and how many of them were bad. */
  receipts: number | null;
  badReceipts: number | null;
}

/** Of a link that nobody holds. */
export const nothingSaid: LinkStanding = {
  state: 'unheld',
  since: null,
  demotedSince: null,
  receipts: null,
  badReceipts: null,
};

/** Of several holders the one that is the best off speaks for the link; demoted it is when one says so. */
export function standingOf(
  linkId: LinkId,
  holdings: readonly LinkHolding[],
  now: number,
): LinkStanding {
  const held = holdings.filter((one) => one.linkId === linkId && one.until > now);
  const best = held.find(({ state }) => state === 'up') ?? held.find(({ state }) => state !== null);
  const judge = held.find(({ demotedSince }) => demotedSince !== null) ?? best;
  return {
    state: held.length === 0 ? 'unheld' : (best?.state ?? null),
    since: best?.since ?? null,
    demotedSince: judge?.demotedSince ?? null,
    receipts: judge?.receipts ?? null,
    badReceipts: judge?.failures ?? null,
  };
}

/** For people: `up`, `down for 40s`, `up, demoted 3m ago (124 of 200 receipts bad)`. */
export function standingText(standing: LinkStanding, now: number): string | null {
  const { state, since, demotedSince, receipts, badReceipts } = standing;
  if (state === null) return null;
  if (state === 'unheld') return 'not held';
  const away = state !== 'up' && since !== null ? ` for ${roughly(now - since)}` : '';
  if (demotedSince === null) return `${state}${away}`;
  const why = receipts ? ` (${badReceipts} of ${receipts} receipts bad)` : '';
  return `${state}${away}, demoted for ${roughly(now - demotedSince)}${why}`;
}
