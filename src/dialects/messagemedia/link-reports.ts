import { GatewayError } from '../../core/errors.ts';
import type { ShortLink, Visit } from '../../core/links/short-link.ts';
import type { E164 } from '../../text/phone-number.ts';
import { formatIso } from '../../text/instant.ts';
import type { Query } from '../shared/query.ts';
import { parameter } from '../shared/query.ts';
import type { DialectContext } from '../dialect.ts';
import type { Endpoint, Handler } from './call.ts';

const summaryPath = '/v1/reporting/links/summary';
const detailPath = '/v1/reporting/links/detail';
/** The vendor's examples have pages of 100. */
const usualPageSize = 100;
const largestPageSize = 1000;
/** Beyond it a list is not read: what comes before a page is passed over. */
const furthest = 1_000_000;

/**
 * `GET /v1/reporting/links/summary`: what the account's links come to that fit, newest first. Each link is one
 * recipient's, so a unique click is a link that was clicked at all.
 */
const summary: Handler = async ({ caller, query }, { gateway }) => {
  const page = readPage(query);
  const { totals, links } = await gateway.shortLinks.report(
    caller,
    {
      own: false,
      destination: readRecipient(query),
      url: filter(query, 'url'),
      metadata: { name: filter(query, 'key'), value: filter(query, 'value') },
    },
    page,
  );
  return {
    status: 200,
    body: {
      total_clicks: totals.clicks,
      unique_clicks: totals.clicked,
      total_views: totals.views,
      unique_views: totals.viewed,
      short_urls_generated: totals.links,
      short_urls: links.map((link) => ({ ...countsOf(link), ...presentLink(link, gateway) })),
      pagination: pagination(summaryPath, query, page, totals.links),
    },
  };
};

/** `GET /v1/reporting/links/detail?hash=…`: who followed one link. A page has visits of both kinds. */
const detail: Handler = async ({ caller, query }, { gateway }) => {
  const hash = filter(query, 'hash');
  if (hash === undefined) throw invalid('hash');
  const page = readPage(query);
  const found = await gateway.shortLinks.detail(caller, hash);
  if (!found) throw new GatewayError('not_found', 'Data cannot be found');
  const { link, visits } = found;
  const shown = visits.slice(page.offset, page.offset + page.limit);
  const of = (kind: Visit['kind']) => shown.filter((one) => one.kind === kind).map(presentVisit);
  return {
    status: 200,
    body: {
      ...presentLink(link, gateway),
      ...countsOf(link),
      clicks: of('click'),
      views: of('view'),
      pagination: pagination(detailPath, query, page, visits.length),
    },
  };
};

function presentLink(link: ShortLink, { shortLinks }: DialectContext['gateway']) {
  return {
    message_id: link.messageId,
    long_url: link.url,
    short_url: shortLinks.urlOf(link),
    destination_number: link.destination,
  };
}

function countsOf({ clicks, views }: ShortLink) {
  return { click_count: clicks, view_count: views };
}

/** What the owner does not keep is empty. Instants are UTC with six digits and no zone, as in the examples. */
function presentVisit({ at, userAgent, address }: Visit) {
  return {
    dt: formatIso(at).replace('Z', '000'),
    user_agent: userAgent ?? '',
    ip: address ?? '',
  };
}

/** A page from 1, as its client asked for it, and where it begins. */
interface AskedPage {
  page: number;
  limit: number;
  offset: number;
}

function pagination(path: string, query: Query, { page, limit }: AskedPage, total: number) {
  const pages = Math.ceil(total / limit);
  const uri = (of: number): string => {
    const asked = Object.keys(query).flatMap((name) => {
      const value = filter(query, name);
      return value === undefined || name === 'page' ? [] : [[name, value]];
    });
    return `${path}?${new URLSearchParams([...asked, ['page', String(of)]]).toString()}`;
  };
  return {
    page,
    page_size: limit,
    total_count: total,
    page_count: pages,
    ...(page < pages && { next_uri: uri(page + 1) }),
    ...(page > 1 && pages > 0 && { previous_uri: uri(Math.min(page - 1, pages)) }),
  };
}

/** @throws GatewayError `invalid_request` */
function readPage(query: Query): AskedPage {
  const page = readNumber(query, 'page') ?? 1;
  const limit = Math.min(readNumber(query, 'pageSize') ?? usualPageSize, largestPageSize);
  const offset = (page - 1) * limit;
  if (offset > furthest) throw invalid('page');
  return { page, limit, offset };
}

/** The vendor's clients have these as doubles: that for Java writes `1.0`. */
function readNumber(query: Query, name: string): number | undefined {
  const text = filter(query, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,7}(?:\.0+)?$/.test(text) || Number(text) < 1) throw invalid(name);
  return Number(text);
}

/** With or without its plus sign, which in a query is a space unless it is written as `%2B`. */
function readRecipient(query: Query): E164 | undefined {
  const text = filter(query, 'recipient')?.trim();
  if (text === undefined) return undefined;
  const digits = /^\+?(\d{8,15})$/.exec(text)?.[1];
  if (digits === undefined) throw invalid('recipient');
  return `+${digits}` as E164;
}

/** A parameter that is empty is as good as none. @throws GatewayError for one that no engine can compare. */
function filter(query: Query, name: string): string | undefined {
  const text = parameter(query, name) || undefined;
  if (text?.includes('\0')) throw invalid(name);
  return text;
}

/** In the words of the vendor's other lists (reference §8). */
function invalid(name: string): GatewayError {
  return new GatewayError('invalid_request', `${name} property value is invalid`, { field: name });
}

export const linkReportEndpoints: readonly Endpoint[] = [
  { path: summaryPath, family: 'management', methods: { GET: summary } },
  { path: detailPath, family: 'management', methods: { GET: detail } },
];
