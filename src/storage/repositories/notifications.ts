import { sql } from 'kysely';

import type { Event } from '../../core/events.ts';
import type { MessageId, NotificationId } from '../../core/ids.ts';
import type { Notification, NotificationAttempt } from '../../core/notifications/notification.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Session, Update, WriteSession } from '../engine.ts';
import { pendingEndpoints } from '../pending-endpoints.ts';
import { attemptRow, notificationRow, type Tables } from '../tables.ts';
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

const finishHeard: Update = { ...finish, set: [...finish.set, 'heard_status', 'heard_ms'] };

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
      const attempts = records.map(attemptRow.fromRecord);
      const heard = await kysely
        .selectFrom('notifications')
        .select(['attempts', 'done_at', 'heard_status', 'heard_ms'])
        .where('id', '=', id)
        .where('heard_status', 'is not', null)
        .executeTakeFirst();
      return heard ? [...attempts, heardTry(id, heard)].toSorted((a, b) => a.at - b.at) : attempts;
    },
    async polled(endpointId, limit) {
      const records = await kysely
        .selectFrom('notifications')
        .selectAll()
        // In the statement itself: the queue's index is of pending ones alone.
        .where('status', '=', sql.lit('pending'))
        .where('via', '=', sql.lit('poll'))
        .where('endpoint_id', '=', endpointId)
        .orderBy('due_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return records.map(notificationRow.fromRecord);
    },
    async counts() {
      // Each is the size of a partial index, or most of it: what is polled waits for its client.
      const { rows } = await sql<{ status: 'pending' | 'failed'; count: number }>`
        select 'pending' as status, count(*) as count from notifications
        where status = 'pending' and via in ('request', 'session')
        union all
        select 'failed' as status, count(*) as count from notifications where status = 'failed'
      `.execute(kysely);
      return rows.map(({ status, count }) => ({ status, count }));
    },
  };
}

/** Takes a session that writes; gives the notifications' part of `Tx`. */
export function notificationWrites({ kysely, bulk, claim }: WriteSession): Tx['notifications'] {
  /** The rows are about to be used for another round. */
  const keepHeardTries = async (ids: readonly NotificationId[]): Promise<void> => {
    const heard = await kysely
      .selectFrom('notifications')
      .select(['id', 'attempts', 'done_at', 'heard_status', 'heard_ms'])
      .where('id', 'in', ids)
      .where('heard_status', 'is not', null)
      .execute();
    await bulk.insert(
      insertAttempt,
      heard.map((row) => attemptRow.encode(heardTry(row.id, row))),
    );
  };

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
    async claimForSessions(wanted) {
      return (await claim.sessionNotifications(wanted)).map(notificationRow.decode);
    },
    async expireForSessions({ dueBefore, now, limit }) {
      const { numAffectedRows } = await sql`
        with recursive ${sql.raw(pendingEndpoints('session'))}
        update notifications
        set status = 'failed', locked_by = null, due_at = ${now}, done_at = ${now}
        where id in (
          select old.id from endpoint join notifications as old
            on old.status = 'pending' and old.via = 'session' and old.endpoint_id = endpoint.id
            and old.due_at < ${dueBefore}
          limit ${limit}
        ) and status = 'pending' and due_at < ${dueBefore}`.execute(kysely);
      return Number(numAffectedRows ?? 0n);
    },
    async finish(tries) {
      const heard = tries.filter(saysItAll);
      const kept = await bulk.update(
        finishHeard,
        heard.map(({ notification, attempt }) => [
          ...finished(notification),
          attempt.status,
          attempt.durationMs,
          notification.id,
          'pending',
        ]),
      );
      const inRow = new Set(heard.filter((_, at) => kept[at]));
      const others = tries.filter((one) => !inRow.has(one));
      if (others.length === 0) return;

      const isHeld = ({ notification, claimed }: Try) =>
        notification.status !== 'delivered' && claimed.lockedBy !== null;
      const rowOf = ({ notification }: Try) => [
        ...finished(notification),
        notification.id,
        'pending',
      ];
      await bulk.update(finish, others.filter((one) => !isHeld(one)).map(rowOf));
      await bulk.update(
        finishHeld,
        others
          .filter(isHeld)
          .map((one) => [...rowOf(one), one.claimed.lockedBy, one.claimed.dueAt]),
      );
      await bulk.insert(
        insertAttempt,
        others.map(({ attempt }) => attemptRow.encode(attempt)),
      );
    },
    async confirm(endpointId, ids, now) {
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
        await kysely
          .updateTable('notifications')
          .set({ status: 'delivered', due_at: now, done_at: now })
          .where('id', 'in', ids.slice(at, at + IDS_AT_ONCE))
          .where('endpoint_id', '=', endpointId)
          .where('via', '=', 'poll')
          .where('status', '=', 'pending')
          .execute();
      }
    },
    async unclaim(ids, nodeId, now) {
      await bulk.update(
        unclaim,
        ids.map((id) => [null, now, id, 'pending', nodeId]),
      );
    },
    async reclaim(holders, now) {
      let reclaimed = 0n;
      for (const via of ['request', 'session'] as const) {
        // As with messages, only leases that still run are read.
        const { numAffectedRows } = await sql`
          with recursive ${sql.raw(pendingEndpoints(via))}
          update notifications set locked_by = null, due_at = ${now} where id in (
            select claimed.id from endpoint join notifications as claimed
              on claimed.status = 'pending' and claimed.via = ${via}
              and claimed.endpoint_id = endpoint.id and claimed.due_at > ${now}
            where ${heldBy(holders, 'claimed.locked_by')}
          ) and status = 'pending' and due_at > ${now} and ${heldBy(holders, 'locked_by')}`.execute(
          kysely,
        );
        reclaimed += numAffectedRows ?? 0n;
      }
      return Number(reclaimed);
    },
    async replay(ids, now) {
      let replayed = 0n;
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
        const some = ids.slice(at, at + IDS_AT_ONCE);
        await keepHeardTries(some);
        const { numUpdatedRows } = await kysely
          .updateTable('notifications')
          .set({ status: 'pending', attempts: 0, due_at: now, locked_by: null, done_at: null })
          .set({ heard_status: null, heard_ms: null })
          .where('id', 'in', some)
          .where('status', '<>', 'pending')
          .executeTakeFirst();
        replayed += numUpdatedRows;
      }
      return Number(replayed);
    },
  };
}

type Try = Parameters<Tx['notifications']['finish']>[0][number];

/** In the order of `finish.set`. */
function finished({ status, attempts, dueAt, lockedBy, doneAt }: Notification) {
  return [status, attempts, dueAt, lockedBy, doneAt];
}

/** Was it heard, and can all that is known of the try be told from the row? Then `heardTry` does. */
function saysItAll({ notification, attempt }: Try): boolean {
  return (
    notification.status === 'delivered' &&
    attempt.status !== null &&
    attempt.detail === null &&
    attempt.number === notification.attempts &&
    attempt.at + attempt.durationMs === notification.doneAt
  );
}

/** The try that a notification's row keeps. */
function heardTry(
  notificationId: NotificationId,
  row: Pick<Tables['notifications'], 'attempts' | 'done_at' | 'heard_status' | 'heard_ms'>,
): NotificationAttempt {
  const durationMs = row.heard_ms ?? 0;
  return {
    notificationId,
    number: row.attempts,
    at: (row.done_at ?? 0) - durationMs,
    durationMs,
    status: row.heard_status,
    detail: null,
  };
}

/** The message that an event is about. */
function messageOf(event: Event): MessageId | null {
  return 'message' in event ? event.message.id : null;
}
