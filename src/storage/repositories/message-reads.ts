import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely';

import type { LinkId } from '../../core/ids.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { MessageSearch, Reads } from '../../core/ports/storage.ts';
import type { Select, Session } from '../engine.ts';
import { messageRow, partRow, timelineRow, type Tables } from '../tables.ts';
import { boundedPage } from './page.ts';

const ofAccount: Select = {
  table: 'messages',
  columns: messageRow.columns,
  key: ['id', 'account_id'],
};

const partsOf: Select = {
  table: 'parts',
  columns: partRow.columns,
  key: ['message_id'],
  orderBy: 'number',
};

/** The most entries of one message's timeline that are looked at. */
const LONGEST_TIMELINE = 1_000;

/** Takes a session that reads; gives the messages' part of `Reads`. */
export function messageReads({ kysely, bulk }: Session): Reads['messages'] {
  return {
    async find(accountId, ids) {
      const rows = await bulk.select(
        ofAccount,
        ids.map((id) => [id, accountId]),
      );
      return rows.flat().map(messageRow.decode);
    },
    async search(wanted) {
      const records = await searchQuery(kysely.selectFrom('messages'), wanted).execute();
      return records.map(messageRow.fromRecord);
    },
    async findAny(id) {
      const record = await kysely
        .selectFrom('messages')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && messageRow.fromRecord(record);
    },
    async parts(id) {
      return (await bulk.select(partsOf, [[id]])).flat().map(partRow.decode);
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

/**
 * The newest messages of an account that fit. SQLite knows nothing of how the rows are spread and
 * prefers the index that spares it the sorting, even where that means to read all that an account ever
 * sent. So each search says which index it is meant for, by making the others useless to it:
 *
 * - a reference, or the text before its first wildcard: a range of `messages_client_ref`, sorted;
 * - a destination: `messages_destination`, backwards;
 * - what is scheduled: `messages_scheduled`, sorted;
 * - everything else: `messages_account`, backwards until the page is full.
 */
function searchQuery(
  messages: SelectQueryBuilder<Tables, 'messages', object>,
  { accountId, clientRef, status, destination, ...page }: MessageSearch,
) {
  const { limit, offset } = boundedPage(page);
  let query = messages.selectAll().limit(limit).offset(offset);
  if (status !== undefined) query = query.where('status', '=', sql.lit(status));
  const prefix = clientRef?.split('%')[0] ?? '';
  if (clientRef !== undefined) query = query.where(fits(clientRef, prefix));
  if (prefix !== '' || status === 'scheduled') {
    query = query.where('account_id', '=', accountId).orderBy(sql`id || ''`, 'desc');
    return destination === undefined ? query : query.where('destination', '=', destination);
  }
  return destination === undefined
    ? query.where('account_id', '=', accountId).orderBy('id', 'desc')
    : query
        .where(sql`account_id || ''`, '=', accountId)
        .where('destination', '=', destination)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc');
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
