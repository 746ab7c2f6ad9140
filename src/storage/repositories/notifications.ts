import { sql } from 'kysely';

import type { Event } from '../../core/events.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Session, Update, WriteSession } from '../engine.ts';
import { pendingEndpoints } from '../pending-endpoints.ts';
import type { SqlValue } from '../row.ts';
import { attemptRow, notificationRow } from '../tables.ts';
import { heldBy } from './holders.ts';
import { newestOf } from './newest-of.ts';
import { boundedPage } from './page.ts';

const insert: Insert = {
  table: 'notifications',
  columns: [...notificationRow.columns, 'message_id'],
};

/** Only one that is pending: what was delivered is not moved by a late second try. */
const finish: Update = {
  table: 'notifications',
  key: ['id'],
  set: ['status', 'attempts', 'due_at', 'locked_by', 'done_at'],
  guard: ['status'],
};

const finishHeld: Update = { ...finish, guard: ['status', 'locked_by', 'due_at'] };

const insertAttempt: Insert = { table: 'notification_attempts', columns: attemptRow.columns };

const unclaim: Update = {
  table: 'notifications',
  key: ['id'],
  set: ['locked_by', 'due_at'],
  guard: ['status', 'locked_by'],
};

const MOST_ATTEMPTS = 1_000;
/** Ids in one statement; both engines have a limit for parameters. */
const IDS_AT_ONCE = 500;

/** Takes a session that reads; gives the notifications' part of `Reads`. */
export function notificationReads({ kysely }: Session): Reads['notifications'] {
  return {
    async list(accountId, { messageId, ...page }) {
      const { limit, offset } = boundedPage(page);
      const all = kysely.selectFrom('notifications').selectAll();
      const query =
        messageId === undefined
          ? newestOf(all, accountId)
          : // Of one message there are few; by its account alone all of that one's would be read.
            all
              .where(sql`account_id || ''`, '=', accountId)
              .where('message_id', '=', messageId)
              .orderBy(sql`id || ''`, 'desc');
      const records = await query.limit(limit).offset(offset).execute();
      return records.map(notificationRow.fromRecord);
    },
    async attempts(id) {
      const records = await kysely
        .selectFrom('notification_attempts')
        .selectAll()
        .where('notification_id', '=', id)
        .orderBy('seq')
        .limit(MOST_ATTEMPTS)
        .execute();
      return records.map(attemptRow.fromRecord);
    },
    async counts() {
      // Each is the size of a partial index.
      const { rows } = await sql<{ status: 'pending' | 'failed'; count: number }>`
        select 'pending' as status, count(*) as count from notifications where status = 'pending'
        union all
        select 'failed' as status, count(*) as count from notifications where status = 'failed'
      `.execute(kysely);
      return rows.map(({ status, count }) => ({ status, count }));
    },
  };
}

/** Takes a session that writes; gives the notifications' part of `Tx`. */
export function notificationWrites({ kysely, bulk, claim }: WriteSession): Tx['notifications'] {
  return {
    async insert(notifications) {
      const rows = notifications.map((notification) => {
        const row = notificationRow.encode(notification);
        row.push(messageOf(notification.event));
        return row;
      });
      await bulk.insert(insert, rows);
    },
    async claim(wanted) {
      return (await claim.notifications(wanted)).map(notificationRow.decode);
    },
    async finish(tries) {
      const isHeld = ({ notification, claimed }: (typeof tries)[number]) =>
        notification.status !== 'delivered' && claimed.lockedBy !== null;
      const rowOf = ({ notification }: (typeof tries)[number]): SqlValue[] => {
        const { id, status, attempts, dueAt, lockedBy, doneAt } = notification;
        return [status, attempts, dueAt, lockedBy, doneAt, id, 'pending'];
      };
      await bulk.update(finish, tries.filter((one) => !isHeld(one)).map(rowOf));
      await bulk.update(
        finishHeld,
        tries.filter(isHeld).map((one) => [...rowOf(one), one.claimed.lockedBy, one.claimed.dueAt]),
      );
      await bulk.insert(
        insertAttempt,
        tries.map(({ attempt }) => attemptRow.encode(attempt)),
      );
    },
    async unclaim(ids, nodeId, now) {
      await bulk.update(
        unclaim,
        ids.map((id) => [null, now, id, 'pending', nodeId]),
      );
    },
    async reclaim(holders, now) {
      // As with messages, only leases that still run are read.
      const { numAffectedRows } = await sql`
        with recursive ${sql.raw(pendingEndpoints)}
        update notifications set locked_by = null, due_at = ${now} where id in (
          select claimed.id from endpoint join notifications as claimed
            on claimed.status = 'pending' and claimed.endpoint_id = endpoint.id
            and claimed.due_at > ${now}
          where ${heldBy(holders, 'claimed.locked_by')}
        ) and status = 'pending' and due_at > ${now} and ${heldBy(holders, 'locked_by')}`.execute(
        kysely,
      );
      return Number(numAffectedRows ?? 0n);
    },
    async replay(ids, now) {
      let replayed = 0n;
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
        const { numUpdatedRows } = await kysely
          .updateTable('notifications')
          .set({ status: 'pending', attempts: 0, due_at: now, locked_by: null, done_at: null })
          .where('id', 'in', ids.slice(at, at + IDS_AT_ONCE))
          .where('status', '<>', 'pending')
          .executeTakeFirst();
        replayed += numUpdatedRows;
      }
      return Number(replayed);
    },
  };
}

/** The message that an event is about. */
function messageOf(event: Event): MessageId | null {
  return 'message' in event ? event.message.id : null;
}
