import { type Selectable, type SelectQueryBuilder, sql } from 'kysely';

import type { Reply } from '../../core/delivery/reply.ts';
import type { Page, Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Update, WriteSession } from '../engine.ts';
import { firstIdAt } from '../partitions.ts';
import type { Row } from '../row.ts';
import { replyRow, type Tables } from '../tables.ts';
import { correspondentsOf, farthestSifted } from './message-sieve.ts';
import { boundedPage } from './page.ts';

/** Replies without an id of the network never clash: NULLs are distinct in a unique index. */
const insert: Insert = {
  table: 'replies',
  columns: replyRow.columns,
  unlessExists: ['link_id', 'upstream_id'],
};

const seen: Select = {
  table: 'replies',
  columns: replyRow.columns,
  key: ['id', 'account_id'],
  where: 'hidden_at is null',
};
/** EXPLAIN QUERY PLAN: SEARCH replies USING INDEX replies_from (account_id=? AND from_number=?) */
const lastAlias: Select = {
  table: 'replies',
  columns: ['alias'],
  key: ['account_id', 'from_number'],
  orderBy: 'received_at desc, id desc',
  limited: true,
};
const read: Update = { table: 'replies', key: ['id', 'account_id'], set: ['read_at'] };

/** Takes a session that reads; gives the replies' part of `Reads`. */
export function replyReads({ kysely, bulk }: Session): Reads['replies'] {
  const paged = (page: Page) => {
    const { limit, offset } = boundedPage(page);
    return kysely.selectFrom('replies').selectAll().limit(limit).offset(offset);
  };
  const newest = (page: Page) => paged(page).orderBy('received_at', 'desc').orderBy('id', 'desc');
  return {
    async find(accountId, ids) {
      const rows = await bulk.select(
        seen,
        ids.map((id) => [id, accountId]),
      );
      return rows.flat().map(replyOfRow);
    },
    async list(accountId, { since, until, recordedSince, from, device, unread, ...page }) {
      let query =
        recordedSince === undefined ? newest(page) : recordedFrom(paged(page), recordedSince);
      query = query.where('account_id', '=', accountId).where('hidden_at', 'is', null);
      if (from !== undefined) query = query.where('from_number', '=', from);
      if (device !== undefined) query = query.where('device', 'is not distinct from', device);
      if (unread) query = query.where('read_at', 'is', null);
      if (since !== undefined) query = query.where('received_at', '>=', since);
      // SQLite holds a range between two bounds for narrower than a number, and would leave its index for another.
      const receivedAt = from === undefined ? sql.ref('received_at') : sql`received_at + 0`;
      if (until !== undefined) query = query.where(receivedAt, '<', until);
      return (await query.execute()).map(replyOf);
    },
    correspondents(accountId, { span, first, limit }) {
      let newestOnes = kysely
        .selectFrom('replies')
        .select(['from_number as number', 'received_at as at'])
        .where('account_id', '=', accountId)
        .where('hidden_at', 'is', null);
      if (span.from !== undefined) newestOnes = newestOnes.where('received_at', '>=', span.from);
      if (span.before !== undefined) newestOnes = newestOnes.where('received_at', '<', span.before);
      return correspondentsOf(
        kysely,
        newestOnes.orderBy('received_at', 'desc').limit(farthestSifted),
        { first, limit },
      );
    },
    async unowned(page) {
      return (await newest(page).where('account_id', 'is', null).execute()).map(replyOf);
    },
  };
}

type Query = SelectQueryBuilder<Tables, 'replies', Selectable<Tables['replies']>>;

/** By the index of their account's: in the order of the primary key there would be everybody's. */
function recordedFrom(query: Query, instant: number): Query {
  const recorded = sql<string>`id || ''`;
  return query.where(recorded, '>=', firstIdAt(instant)).orderBy(recorded);
}

/** Takes a session that writes; gives the replies' part of `Tx`. */
export function replyWrites({ kysely, bulk }: WriteSession): Tx['replies'] {
  return {
    async insert(replies) {
      const rows = replies.map(({ from, to, ...rest }) =>
        replyRow.encode({ ...rest, fromNumber: from, toAddress: to }),
      );
      const inserted = await bulk.insert(insert, rows);
      return replies.filter((_, at) => inserted[at]);
    },
    async aliases(senders) {
      const rows = await bulk.select(
        lastAlias,
        senders.map(({ accountId, from }) => [accountId, from, 1]),
      );
      return rows.map(([last]) => (last?.[0] ?? null) as string | null);
    },
    async markRead(accountId, ids, now) {
      const rows = (
        await bulk.select(
          seen,
          ids.map((id) => [id, accountId]),
        )
      ).flat();
      const unread = rows.map(replyOfRow).filter(({ readAt }) => readAt === null);
      await bulk.update(
        read,
        unread.map(({ id }) => [now, id, accountId]),
      );
    },
    async setAlias(accountId, id, alias) {
      const { numUpdatedRows } = await kysely
        .updateTable('replies')
        .set({ alias })
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .where('hidden_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async erase(accountId, which, now) {
      const erase = kysely
        .updateTable('replies')
        .set({ hidden_at: now, text: '', alias: null })
        .where('account_id', '=', accountId)
        .where('hidden_at', 'is', null);
      if ('ids' in which) {
        if (which.ids.length === 0) return 0;
        return Number((await erase.where('id', 'in', which.ids).executeTakeFirst()).numUpdatedRows);
      }
      const { span, limit } = which;
      const some = kysely
        .selectFrom('replies')
        .select('id')
        .where('account_id', '=', accountId)
        .where('hidden_at', 'is', null)
        .where('received_at', '>=', span.from)
        .where('received_at', '<', span.before)
        .orderBy('received_at')
        .limit(limit);
      const { numUpdatedRows } = await erase.where('id', 'in', some).executeTakeFirst();
      return Number(numUpdatedRows);
    },
  };
}

export function replyOfRow(row: Row): Reply {
  const { fromNumber, toAddress, ...rest } = replyRow.decode(row);
  return { ...rest, from: fromNumber, to: toAddress };
}

export function replyOf(record: object): Reply {
  const { fromNumber, toAddress, ...rest } = replyRow.fromRecord(record);
  return { ...rest, from: fromNumber, to: toAddress };
}
