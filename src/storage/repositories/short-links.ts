import { type ExpressionBuilder, type Expression, type SqlBool, sql } from 'kysely';

import type { AccountId } from '../../core/ids.ts';
import type { OwnLinkSearch, ShortLinkSearch } from '../../core/links/short-link.ts';
import { mostVisitsKept } from '../../core/links/short-link.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Take, Update, WriteSession } from '../engine.ts';
import { messageRow, shortLinkRow, type Tables, visitRow } from '../tables.ts';
import { boundedPage } from './page.ts';

const columns = shortLinkRow.columns;

const insert: Insert = { table: 'short_links', columns };
const taken: Select = { table: 'short_links', columns: ['code'], key: ['code'] };
const lock: Select = { table: 'short_links', columns, key: ['code'], lock: 'wait' };
const counts: Update = { table: 'short_links', key: ['code'], set: ['clicks', 'views'] };
const save: Update = {
  table: 'short_links',
  key: ['code'],
  set: ['url', 'title', 'advanced', 'endpoint_id', 'changed_at'],
};
const removal: readonly Take[] = [
  { table: 'short_link_visits', columns: ['seq'], key: ['code'] },
  { table: 'short_links', columns: ['code'], key: ['code'] },
];
const insertVisit: Insert = { table: 'short_link_visits', columns: visitRow.columns };

const recentTo: Select = {
  table: 'short_links',
  columns,
  key: ['account_id', 'destination'],
  from: 'created_at',
  orderBy: 'created_at desc, code desc',
  limited: true,
};
/** As with messages that repeat one without links. */
const lively: Select = {
  table: 'messages',
  columns: messageRow.columns,
  key: ['id'],
  where: "status not in ('rejected', 'failed', 'expired', 'cancelled')",
};

/**
 * Takes a session that reads; gives the short links' part of `Reads`.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   stretchFrom  SEARCH short_links USING COVERING INDEX short_links_account (account_id=? AND created_at<?)
 *   sums, list   SEARCH short_links USING INDEX short_links_account (account_id=? AND created_at>? AND created_at<?)
 *   … to one destination: by short_links_destination (account_id=? AND destination=?), sorted
 */
export function shortLinkReads({ kysely }: Session): Reads['shortLinks'] {
  const within = (
    accountId: AccountId,
    search: ShortLinkSearch,
    { from, before }: { from: number; before: number },
  ) =>
    kysely
      .selectFrom('short_links')
      .where('account_id', '=', accountId)
      .where(timeIn(search), '>=', from)
      .where(timeIn(search), '<', before)
      .where((eb) => fits(eb, search));
  const ownOf = (accountId: AccountId, { title, url, endpointId, advanced }: OwnLinkSearch) => {
    let query = kysely
      .selectFrom('short_links')
      .where('account_id', '=', accountId)
      .where('message_id', 'is', null);
    if (title !== undefined) query = query.where(standsIn('title', title));
    if (url !== undefined) query = query.where(standsIn('url', url));
    if (endpointId !== undefined) query = query.where('endpoint_id', '=', endpointId);
    if (advanced !== undefined) query = query.where('advanced', '=', advanced ? 1 : 0);
    return query;
  };
  return {
    async find(code) {
      const record = await kysely
        .selectFrom('short_links')
        .selectAll()
        .where('code', '=', code)
        .executeTakeFirst();
      return record && shortLinkRow.fromRecord(record);
    },
    async stretchFrom(accountId, destination, before, count) {
      let query = kysely
        .selectFrom('short_links')
        .select('created_at')
        .where('account_id', '=', accountId)
        .where(timeIn({ destination }), '<', before);
      if (destination !== undefined) query = query.where('destination', '=', destination);
      const row = await query
        .orderBy(timeIn({ destination }), 'desc')
        .limit(1)
        .offset(count - 1)
        .executeTakeFirst();
      return row?.created_at;
    },
    async sums(accountId, search, span) {
      return within(accountId, search, span)
        .select(({ fn }) => [
          fn.countAll<number>().as('links'),
          sumOf('clicks').as('clicks'),
          sumOf('views').as('views'),
          sumOf('case when clicks > 0 then 1 else 0 end').as('clicked'),
          sumOf('case when views > 0 then 1 else 0 end').as('viewed'),
        ])
        .executeTakeFirstOrThrow();
    },
    async list(accountId, search, span, page) {
      const { limit, offset } = boundedPage(page);
      const records = await within(accountId, search, span)
        .selectAll()
        .orderBy(timeIn(search), 'desc')
        .orderBy('code', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(shortLinkRow.fromRecord);
    },
    async visits(code) {
      const records = await kysely
        .selectFrom('short_link_visits')
        .selectAll()
        .where('code', '=', code)
        .orderBy('seq', 'desc')
        .limit(mostVisitsKept)
        .execute();
      return records.map(visitRow.fromRecord);
    },
    async visitsPage(code, page) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('short_link_visits')
        .selectAll()
        .where('code', '=', code)
        .orderBy('seq', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(visitRow.fromRecord);
    },
    async countVisits(code) {
      const { count } = await kysely
        .selectFrom('short_link_visits')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('code', '=', code)
        .executeTakeFirstOrThrow();
      return count;
    },
    async own(accountId, search, page) {
      const { limit, offset } = boundedPage(page);
      const records = await ownOf(accountId, search)
        .selectAll()
        .orderBy('created_at', 'desc')
        .orderBy('code', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(shortLinkRow.fromRecord);
    },
    async countOwn(accountId, search) {
      const { count } = await ownOf(accountId, search)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
  };
}

/** Takes a session that writes; gives the short links' part of `Tx`. */
export function shortLinkWrites({ kysely, bulk }: WriteSession): Tx['shortLinks'] {
  return {
    async taken(codes) {
      const rows = await bulk.select(
        taken,
        codes.map((code) => [code]),
      );
      return new Set(codes.filter((_, at) => rows[at]?.length));
    },
    async insert(links) {
      await bulk.insert(insert, links.map(shortLinkRow.encode));
    },
    async lock(codes) {
      const rows = await bulk.select(
        lock,
        codes.map((code) => [code]),
      );
      return rows.flat().map(shortLinkRow.decode);
    },
    async countOwn(accountId, atMost) {
      const rows = await kysely
        .selectFrom('short_links')
        .select('code')
        .where('account_id', '=', accountId)
        .where('message_id', 'is', null)
        .limit(atMost)
        .execute();
      return rows.length;
    },
    async save({ url, title, advanced, endpointId, changedAt, code }) {
      await bulk.update(save, [[url, title, advanced, endpointId, changedAt, code]]);
    },
    async remove(code) {
      for (const take of removal) await bulk.take(take, [[code]]);
    },
    async saveCounts(links) {
      await bulk.update(
        counts,
        links.map(({ clicks, views, code }) => [clicks, views, code]),
      );
    },
    async insertVisits(visits) {
      await bulk.insert(insertVisit, visits.map(visitRow.encode));
    },
    async recentTo(accountId, destinations, since, limit) {
      const found = await bulk.select(
        recentTo,
        destinations.map((destination) => [accountId, destination, since, limit]),
      );
      const links = found.map((rows) => rows.map(shortLinkRow.decode));
      const ids = [...new Set(links.flat().flatMap(({ messageId }) => messageId ?? []))];
      const rows = await bulk.select(
        lively,
        ids.map((id) => [id]),
      );
      const messages = new Map(
        rows.flat().flatMap((row) => {
          const { id, sender, text, createdAt } = messageRow.decode(row);
          // The link of one that is scheduled is younger than the message.
          return createdAt < since ? [] : [[id, { sender, text }] as const];
        }),
      );
      return links.map((own) => {
        const byMessage = Map.groupBy(own, ({ messageId }) => messageId);
        return [...byMessage].flatMap(([id, of]) => {
          const message = id === null ? undefined : messages.get(id);
          return message ? { ...message, links: of } : [];
        });
      });
    },
  };
}

/** Whatever characters there are in it: both engines compare `replace` byte by byte. */
function standsIn(column: 'title' | 'url', text: string) {
  const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return sql<SqlBool>`replace(lower(${sql.ref(column)}), ${lower}, '') <> lower(${sql.ref(column)})`;
}

/**
 * Of one destination there are few links, and its index is meant: by the plain column SQLite would rather read
 * all links of the account, which spares it the sorting.
 */
const timeIn = ({ destination }: Pick<ShortLinkSearch, 'destination'>) =>
  destination === undefined ? sql<number>`created_at` : sql<number>`created_at + 0`;

const sumOf = (what: string) => sql<number>`cast(coalesce(sum(${sql.raw(what)}), 0) as bigint)`;

/** Text in text, whatever characters there are in it: both engines compare `replace` byte by byte. */
function fits(
  eb: ExpressionBuilder<Tables, 'short_links'>,
  { own, destination, url, metadata }: ShortLinkSearch,
): Expression<SqlBool> {
  const conditions: Expression<SqlBool>[] = [];
  if (destination !== undefined) conditions.push(eb('destination', '=', destination));
  if (own !== undefined) conditions.push(eb('message_id', own ? 'is' : 'is not', null));
  if (url !== undefined) conditions.push(eb('url', '=', url));
  const pair = metadata && pairText(metadata);
  if (pair) conditions.push(sql<SqlBool>`replace(metadata, ${pair}, '') <> metadata`);
  return eb.and(conditions);
}

/**
 * How a pair, or one side of it, stands in the JSON of a list of pairs. Within a JSON text each quotation mark
 * is escaped, so that nothing else looks like it.
 */
function pairText({ name, value }: { name?: string | undefined; value?: string | undefined }) {
  if (name === undefined && value === undefined) return undefined;
  const left = name === undefined ? '' : `[${JSON.stringify(name)}`;
  const right = value === undefined ? '' : `${JSON.stringify(value)}]`;
  return `${left},${right}`;
}
