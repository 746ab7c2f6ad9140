import type { Call } from './call.ts';
import { read, whole } from './schema.ts';
import { z } from 'zod';

/** A page of a list, and how many rows there are in all. */
export interface Found<Row> {
  rows: readonly Row[];
  total: number;
}

/** Which page is asked for. */
export interface PageWish {
  /** From 1. */
  page: number;
  limit: number;
  offset: number;
}

/** Beyond it nothing is read: an offset costs what it passes over. */
const furthest = 1_000_000;
const wish = z.object({ page: whole(1, furthest) });

/** Reads `page`. @throws GatewayError `invalid_request` for what is no whole number from 1. */
export function pageOf({ input }: Pick<Call, 'input'>, perPage = 15): PageWish {
  const { page = 1 } = read(wish, input);
  return { page, limit: perPage, offset: Math.min(page - 1, furthest) * perPage };
}

/** The rows of a list that is in memory. */
export function paged<Row>(all: readonly Row[], { limit, offset }: PageWish): Found<Row> {
  return { rows: all.slice(offset, offset + limit), total: all.length };
}

/** `links` and `meta` as Laravel's resources have them (reference C.5), with the query, so that `next` is of the same list. */
export function paginator(
  { rows, total }: Found<unknown>,
  at: PageWish,
  { url, query }: Pick<Call, 'url' | 'query'>,
) {
  const { page, limit } = at;
  const last = Math.max(1, Math.ceil(total / limit));
  const before = query === '' ? '' : `${query}&`;
  const to = (wanted: number): string => `${url}?${before}page=${wanted}`;
  const prev = page > 1 ? to(page - 1) : null;
  const next = page < last ? to(page + 1) : null;
  return {
    links: { first: to(1), last: to(last), prev, next },
    meta: {
      current_page: page,
      from: rows.length === 0 ? null : at.offset + 1,
      last_page: last,
      links: [
        { url: prev, label: '&laquo; Previous', active: false },
        ...numbersAround(page, last).map((number) =>
          number === null
            ? { url: null, label: '...', active: false }
            : { url: to(number), label: String(number), active: number === page },
        ),
        { url: next, label: 'Next &raquo;', active: false },
      ],
      path: url,
      per_page: limit,
      to: rows.length === 0 ? null : at.offset + rows.length,
      total,
    },
  };
}

/** The older form, in which the rows stand inside (reference C.3, `sms/activity`): a row has its place as `serial`. */
export function oldPaginator(
  found: Found<object>,
  at: PageWish,
  call: Pick<Call, 'url' | 'query'>,
) {
  const { links, meta } = paginator(found, at, call);
  return {
    current_page: meta.current_page,
    data: found.rows.map((row, nth) => ({ ...row, serial: at.offset + nth + 1 })),
    first_page_url: links.first,
    from: meta.from,
    last_page: meta.last_page,
    last_page_url: links.last,
    next_page_url: links.next,
    path: meta.path,
    per_page: meta.per_page,
    prev_page_url: links.prev,
    to: meta.to,
    total: meta.total,
  };
}

/** Pages to the left and right of this one that are named beside the first and last two (`onEachSide`). */
const eachSide = 3;

/** All of few pages, else a window and both ends (Laravel's `UrlWindow`); null: dots. */
function numbersAround(page: number, last: number): (number | null)[] {
  const span = (from: number, to: number): number[] =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, nth) => from + nth);
  const window = eachSide + 4;
  if (last < eachSide * 2 + 8) return span(1, last);
  if (page <= window) return [...span(1, window + eachSide), null, last - 1, last];
  if (page > last - window) return [1, 2, null, ...span(last - window - eachSide + 1, last)];
  return [1, 2, null, ...span(page - eachSide, page + eachSide), null, last - 1, last];
}
