import type { Page } from '../../core/ports/storage.ts';

/** The most rows of one page, whoever asks. */
const MOST_ROWS = 1_000;

/** Takes a page as a client asked for it; gives one that no engine chokes on. */
export function boundedPage({ limit, offset }: Page): Page {
  return { limit: bounded(limit, MOST_ROWS), offset: bounded(offset, Number.MAX_SAFE_INTEGER) };
}

/** The most senders, endpoints or credentials of one account that are looked at. */
export const mostOfAnAccount = 10_000;

function bounded(value: number, most: number): number {
  // NaN becomes 0 as well.
  return Math.min(Math.max(Math.trunc(value) || 0, 0), most);
}
