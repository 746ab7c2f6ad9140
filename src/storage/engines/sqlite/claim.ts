import type { DatabaseSync } from 'node:sqlite';

import type { Notification } from '../../../core/notifications/notification.ts';
import type { Claims } from '../../engine.ts';
import type { Row } from '../../row.ts';
import { pendingEndpoints } from '../../pending-endpoints.ts';
import { messageRow, notificationRow } from '../../tables.ts';
import { requireTransaction } from './bulk.ts';

/*
 * The queue statements. The writer is alone on this engine, so rows are read and then marked.
 *
 * Both queues step over what may not be taken instead of reading it: a link's rows are asked for one
 * priority after the other, notifications one endpoint after the other, each by a range of its
 * partial index. With one statement over the whole queue, 100 000 rows of a high priority that wait
 * for a retry cost every claim 5.5 ms; this way a claim of 100 takes 0.7 ms with its writes. Why a limit is
 * `? + 0` stands in `bulk.ts`.
 *
 * EXPLAIN QUERY PLAN
 *   next priority       SEARCH messages USING COVERING INDEX messages_queue (link_id=? AND priority<?)
 *   due of a priority   SEARCH messages USING INDEX messages_queue (link_id=? AND priority=? AND due_at<?)
 *   heads               SEARCH notifications USING COVERING INDEX notifications_queue (via=? AND endpoint_id>?)
 *   due of an endpoint  SEARCH notifications USING INDEX notifications_queue (via=? AND endpoint_id=? AND due_at<?)
 */

const highestPriority = `
  select max(priority) from messages where status = 'queued' and link_id = ?`;

const nextPriority = `${highestPriority} and priority < ?`;

const dueOfPriority = `
  select ${messageRow.columns.join(', ')} from messages
  where status = 'queued' and link_id = ? and priority = ? and due_at <= ?
  order by due_at limit ? + 0`;

const markMessage = 'update messages set locked_by = ?, due_at = ? where id = ?';

/** Every endpoint that has something pending, with the time of its oldest. */
const heads = `
  with recursive ${pendingEndpoints('request')}
  select id, (select min(due_at) from notifications
              where status = 'pending' and via = 'request' and endpoint_id = endpoint.id)
  from endpoint where id is not null`;

const dueOfEndpoint = (via: Notification['via']) => `
  select ${notificationRow.columns.join(', ')} from notifications
  where status = 'pending' and via = '${via}' and endpoint_id = ? and due_at <= ?
  order by due_at limit ? + 0`;

const markNotification = 'update notifications set locked_by = ?, due_at = ? where id = ?';

/** Takes the writer's connection; gives its queue statements. */
export function claimsOn(db: DatabaseSync): Claims {
  const prepare = (sql: string) => db.prepare(sql, { returnArrays: true });
  let statements: ReturnType<typeof prepareAll> | undefined;
  // At the first claim: before the migrations there are no tables.
  const prepareAll = () => ({
    highestPriority: prepare(highestPriority),
    nextPriority: prepare(nextPriority),
    dueOfPriority: prepare(dueOfPriority),
    markMessage: prepare(markMessage),
    heads: prepare(heads),
    dueOfEndpoint: prepare(dueOfEndpoint('request')),
    dueOfSessions: prepare(dueOfEndpoint('session')),
    markNotification: prepare(markNotification),
  });

  return {
    async messages({ linkId, nodeId, now, leaseUntil, limit }) {
      requireTransaction(db);
      statements ??= prepareAll();
      const rows: Row[] = [];
      let priority = single(statements.highestPriority.get(linkId));
      while (priority !== null && rows.length < limit) {
        const due = statements.dueOfPriority.all(linkId, priority, now, limit - rows.length);
        rows.push(...asRows(due));
        priority = single(statements.nextPriority.get(linkId, priority));
      }
      for (const row of rows)
        statements.markMessage.run(nodeId, leaseUntil, row[messageAt.id] as string);
      return rows.map((row) => leased(row, messageAt, nodeId, leaseUntil));
    },

    async notifications({ nodeId, now, leaseUntil, limit, except }) {
      requireTransaction(db);
      statements ??= prepareAll();
      const busy = new Set<unknown>(except);
      const waiting = asRows(statements.heads.all())
        .filter(([endpoint, due]) => !busy.has(endpoint) && Number(due) <= now)
        .toSorted((a, b) => Number(a[1]) - Number(b[1]));
      let rows: Row[] = [];
      for (const [endpoint, head] of waiting) {
        const last = rows[limit - 1];
        // All that follows is younger than what we have.
        if (last && Number(last[notificationAt.dueAt]) <= Number(head)) break;
        rows.push(...asRows(statements.dueOfEndpoint.all(endpoint as string, now, limit)));
        rows.sort((a, b) => Number(a[notificationAt.dueAt]) - Number(b[notificationAt.dueAt]));
        rows = rows.slice(0, limit);
      }
      for (const row of rows) {
        statements.markNotification.run(nodeId, leaseUntil, row[notificationAt.id] as string);
      }
      return rows.map((row) => leased(row, notificationAt, nodeId, leaseUntil));
    },

    async sessionNotifications({ nodeId, now, leaseUntil, wishes }) {
      requireTransaction(db);
      const { dueOfSessions, markNotification: mark } = (statements ??= prepareAll());
      const rows = wishes.flatMap(({ endpointId, limit }) =>
        asRows(dueOfSessions.all(endpointId, now, limit)),
      );
      for (const row of rows) mark.run(nodeId, leaseUntil, row[notificationAt.id] as string);
      return rows.map((row) => leased(row, notificationAt, nodeId, leaseUntil));
    },
  };
}

interface Places {
  id: number;
  dueAt: number;
  lockedBy: number;
}

const messageAt = placesIn(messageRow.columns);
const notificationAt = placesIn(notificationRow.columns);

function placesIn(columns: readonly string[]): Places {
  return {
    id: columns.indexOf('id'),
    dueAt: columns.indexOf('due_at'),
    lockedBy: columns.indexOf('locked_by'),
  };
}

/** The row as it is after it was marked. */
function leased(row: Row, at: Places, nodeId: string, leaseUntil: number): Row {
  return row.with(at.dueAt, leaseUntil).with(at.lockedBy, nodeId);
}

/** The only value of an aggregate's row. */
function single(row: unknown): number | null {
  return (row as [number | null])[0];
}

/** Statements with `returnArrays` are typed as if they gave objects. */
function asRows(rows: unknown): Row[] {
  return rows as Row[];
}
