import { type RawBuilder, type Selectable, type SelectQueryBuilder, sql } from 'kysely';

import type { LinkId } from '../../core/ids.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { MessageSearch, Page, Reads } from '../../core/ports/storage.ts';
import type { Select, Session } from '../engine.ts';
import { messageRow, timelineRow, type Tables } from '../tables.ts';
import { daysSince } from './created-day.ts';
import { newestOf } from './newest-of.ts';
import { outlines, siftMessages, writtenTo } from './message-sieve.ts';
import { boundedPage } from './page.ts';
import { partsOf } from './parts.ts';
import { turnover } from './turnover.ts';
import { waitingFor } from './waiting-for.ts';

const ofAccount: Select = {
  table: 'messages',
  columns: messageRow.columns,
  key: ['id', 'account_id'],
  where: 'hidden_at is null',
};

/** By `messages_client_ref`. */
const ofRef: Select = {
  table: 'messages',
  columns: messageRow.columns,
  key: ['account_id', 'client_ref'],
  where: 'hidden_at is null',
  orderBy: 'id',
};

/** The most entries of one message's timeline that are looked at. */
const LONGEST_TIMELINE = 1_000;

/** Takes a session that reads; gives the messages' part of `Reads`. */
export function messageReads(session: Session): Reads['messages'] {
  const { kysely, bulk } = session;
  return {
    async find(accountId, ids) {
      const rows = await bulk.select(
        ofAccount,
        ids.map((id) => [id, accountId]),
      );
      return rows.flat().map(messageRow.decode);
    },
    async ofRefs(accountId, refs) {
      const rows = await bulk.select(
        ofRef,
        refs.map((ref) => [accountId, ref]),
      );
      return rows.map((found) => found.map(messageRow.decode));
    },
    outlines: (accountId, wanted) => outlines(session, accountId, wanted),
    async search(wanted) {
      return (await search(session, wanted)).map(messageRow.fromRecord);
    },
    sift: (accountId, sieve) => siftMessages(session, accountId, sieve),
    correspondents: (accountId, wanted) => writtenTo(session, accountId, wanted),
    async findAny(id) {
      const record = await kysely
        .selectFrom('messages')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && messageRow.fromRecord(record);
    },
    async parts(id) {
      return (await partsOf(bulk, [id])).flat();
    },
    async timeline(id) {
      const records = await kysely
        .selectFrom('timeline')
        .selectAll()
        .where('message_id', '=', id)
        .orderBy('seq')
        .limit(LONGEST_TIMELINE)
        .execute();
      return records.map(timelineRow.fromRecord);
    },
    async queueHead(linkId) {
      // The first entry of the link in `messages_queue`: one step into the index.
      const head = await kysely
        .selectFrom('messages')
        .select('due_at')
        .where('status', '=', sql.lit('queued'))
        .where('link_id', '=', linkId)
        .orderBy('priority', 'desc')
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst();
      return head?.due_at;
    },
    waitingFor: (linkId, page) => waitingFor(kysely, linkId, page),
    turnover: (span) => turnover(kysely, span),
    async countByLink() {
      // Two reads of partial indexes that hold link and status; the table itself is not touched.
      const { rows } = await sql<{ link_id: LinkId | null; status: MessageStatus; count: number }>`
        select link_id, status, count(*) as count from messages
        where status = 'queued' group by link_id, status
        union all
        select link_id, status, count(*) as count from messages
        where status = 'scheduled' or status = 'sending' or status = 'sent'
        group by link_id, status
        order by link_id, status`.execute(kysely);
      return rows.map(({ link_id, status, count }) => ({ linkId: link_id, status, count }));
    },
  };
}

type Query = SelectQueryBuilder<Tables, 'messages', Selectable<Tables['messages']>>;

/**
 * The newest messages of an account that fit. SQLite knows nothing of how the rows are spread and
 * prefers the index that spares it the sorting, even where that means to read all that an account ever
 * sent. So each search says which index it is meant for, by making the others useless to it:
 *
 * - a reference, or the text before its first wildcard: a range of `messages_client_ref`, sorted;
 * - what is scheduled: `messages_scheduled`, sorted;
 * - a destination: `messages_destination`, some days at a time, until the page is full;
 * - a reference that begins with a wildcard: the newest of `messages_account`, up to a bound;
 * - everything else: `messages_account`, backwards until the page is full.
 *
 * EXPLAIN (PostgreSQL 18, analysed): a list is Limit -> Incremental Sort (created_at, then id) -> Merge Append
 * -> Index Scan Backward using messages_p…_account_id_created_at_idx; a reference and a destination are
 * Limit -> Sort -> Append -> Index Scan using …_account_id_client_ref_idx, …_created_day_destination_idx.
 */
async function search(
  { kysely, bulk }: Session,
  { accountId, clientRef, status, without, destination, sender, created, ...page }: MessageSearch,
): Promise<object[]> {
  const { limit, offset } = boundedPage(page);
  const prefix = clientRef?.split('%')[0] ?? '';
  const narrowed = (query: Query): Query => {
    let narrow = query.where('hidden_at', 'is', null);
    if (created?.from !== undefined) narrow = narrow.where('created_at', '>=', created.from);
    if (created?.before !== undefined) narrow = narrow.where('created_at', '<', created.before);
    if (status !== undefined) narrow = narrow.where('status', '=', sql.lit(status));
    if (without && without.length > 0) narrow = narrow.where('status', 'not in', without);
    if (clientRef !== undefined) narrow = narrow.where(fits(clientRef, prefix));
    if (destination !== undefined) narrow = narrow.where('destination', '=', destination);
    if (sender !== undefined) narrow = narrow.where(shows(sender));
    return narrow;
  };
  const all = () => kysely.selectFrom('messages').selectAll();

  if (prefix !== '' || status === 'scheduled') {
    let query = narrowed(all()).where('account_id', '=', accountId).orderBy(sql`id || ''`, 'desc');
    // Says nothing, but that the index by destination is meant.
    if (prefix === '') query = query.where('destination', '>=', '' as E164);
    return query.limit(limit).offset(offset).execute();
  }
  if (destination !== undefined) {
    const query = narrowed(all()).where(sql`account_id || ''`, '=', accountId);
    return byDay(query, await daysSince(bulk, created?.from ?? 0), { limit, offset });
  }
  if (clientRef === undefined) {
    return newestOf(narrowed(all()), accountId).limit(limit).offset(offset).execute();
  }
  // Nothing leads to it: without a bound, all that the account ever sent would be read.
  const newest = newestOf(all(), accountId).limit(FARTHEST_WITHOUT_PREFIX).as('newest');
  return narrowed(kysely.selectFrom(newest).selectAll() as unknown as Query)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
}

/** How many of an account's newest messages are searched for a reference that begins with a wildcard. */
const FARTHEST_WITHOUT_PREFIX = 20_000;

/** Days that are asked for at first; more each time, since who looks far back finds little. */
const FIRST_DAYS = 7;

async function byDay(query: Query, days: readonly number[], page: Page): Promise<object[]> {
  const wanted = page.offset + page.limit;
  const found: object[] = [];
  let at = 0;
  let count = FIRST_DAYS;
  while (at < days.length && found.length < wanted) {
    const some = days.slice(at, at + count);
    const rows = await query
      .where('created_day', 'in', some)
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(wanted - found.length)
      .execute();
    found.push(...rows);
    at += count;
    count *= 2;
  }
  return found.slice(page.offset);
}

/** As `senderKey` has it: numbers without their plus sign, names in small letters. */
function shows(key: string): RawBuilder<boolean> {
  return /^\d+$/.test(key) ? sql`sender in (${key}, ${`+${key}`})` : sql`lower(sender) = ${key}`;
}

/** `%` is the only wildcard; LIKE has another one, and an escape character. */
function fits(clientRef: string, prefix: string): RawBuilder<boolean> {
  if (!clientRef.includes('%')) return sql`client_ref = ${clientRef}`;
  const like = sql<boolean>`client_ref like ${clientRef.replace(/[\\_]/g, '\\$&')} escape '\\'`;
  return prefix === ''
    ? like
    : sql`${like} and client_ref >= ${prefix} and client_ref < ${prefix + LAST_CHARACTER}`;
}

/** Sorts after everything that a reference can go on with. */
const LAST_CHARACTER = '\u{10ffff}';
