import { sql } from 'kysely';

import type { MessageStatus } from '../../core/messages/status.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Select, WriteSession } from '../engine.ts';
import { messageRow } from '../tables.ts';
import { daysSince } from './created-day.ts';
import { heldBy } from './holders.ts';

/*
 * Looking for messages by something else than their id.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   due              SEARCH messages USING INDEX messages_watch (status=? AND due_at<?)
 *   expired          SEARCH messages USING INDEX messages_expiring (expires_at<?)
 *   scheduledTo      SEARCH messages USING INDEX messages_scheduled (account_id=? AND destination=?)
 *   recentTo, same   SEARCH messages USING INDEX messages_destination (created_day=? AND destination=?)
 */

const of = (select: Omit<Select, 'table' | 'columns'>): Select => ({
  table: 'messages',
  columns: messageRow.columns,
  ...select,
});

/** The status stands in the text: a partial index is used only where its condition is. */
const dueIn = (status: MessageStatus): Select =>
  of({
    key: [],
    until: ['due_at'],
    where: `status = '${status}'`,
    orderBy: 'due_at',
    limited: true,
    lock: 'skip',
  });

const due = { scheduled: dueIn('scheduled'), sending: dueIn('sending'), sent: dueIn('sent') };

const expiring = {
  key: [],
  orderBy: 'expires_at',
  limited: true,
  lock: 'skip',
} as const;

const expiredFree = of({
  ...expiring,
  until: ['expires_at'],
  where: "status = 'queued' and locked_by is null",
});

/** Of those that somebody claimed, the ones whose claim has ended. */
const expiredClaimed = of({
  ...expiring,
  until: ['expires_at', 'due_at'],
  where: "status = 'queued' and locked_by is not null",
});

const scheduledTo = of({
  key: ['account_id', 'destination'],
  where: "status = 'scheduled'",
  lock: 'wait',
});

const recentTo = of({
  key: ['created_day', 'destination'],
  from: 'created_at',
  orderBy: 'created_at desc, id desc',
  limited: true,
});

/** What ended badly may be tried again at once; what was refused for being a repetition is none. */
const same: Select = {
  table: 'messages',
  columns: ['id'],
  key: ['created_day', 'destination', 'account_id', 'sender', 'text'],
  from: 'created_at',
  where: "status not in ('rejected', 'failed', 'expired', 'cancelled')",
  limited: true,
};

/** By `messages_client_ref`. */
const ofRef: Select = {
  table: 'messages',
  columns: ['id'],
  key: ['account_id', 'client_ref'],
  limited: true,
};

type Sweeps =
  | 'lockScheduledTo'
  | 'due'
  | 'expired'
  | 'reclaim'
  | 'recentTo'
  | 'refsTaken'
  | 'repeated';

/** Takes a session that writes; gives the messages' part of `Tx` that searches. */
export function messageSweeps({ kysely, bulk }: WriteSession): Pick<Tx['messages'], Sweeps> {
  return {
    async lockScheduledTo(accountId, destination) {
      const rows = await bulk.select(scheduledTo, [[accountId, destination]]);
      return rows.flat().map(messageRow.decode);
    },
    async due(status, now, limit) {
      return (await bulk.select(due[status], [[now, limit]])).flat().map(messageRow.decode);
    },
    async expired(now, limit) {
      const free = (await bulk.select(expiredFree, [[now, limit]])).flat();
      const room = limit - free.length;
      const claimed = room > 0 ? await bulk.select(expiredClaimed, [[now, now, room]]) : [];
      return [...free, ...claimed.flat()].map(messageRow.decode);
    },
    async reclaim(holders, now) {
      // Rarely. A lease that still runs ends after now, so of the queue only that end is read: link by
      // link, priority by priority. What is written is asked for once more: a row that its holder has
      // moved meanwhile, though it was taken for dead, stays as it is.
      const claims = await sql`
        with recursive link (id) as (
          select min(link_id) from messages where status = 'queued'
          union all
          select (select min(link_id) from messages where status = 'queued' and link_id > link.id)
          from link where link.id is not null
        ), lane (link_id, priority) as (
          select id, (select max(priority) from messages
                      where status = 'queued' and link_id = link.id)
          from link where id is not null
          union all
          select link_id, (select max(priority) from messages
                           where status = 'queued' and messages.link_id = lane.link_id
                             and priority < lane.priority)
          from lane where lane.priority is not null
        )
        update messages set locked_by = null, due_at = ${now} where id in (
          select claimed.id from lane join messages as claimed
            on claimed.status = 'queued' and claimed.link_id = lane.link_id
            and claimed.priority = lane.priority and claimed.due_at > ${now}
          where ${heldBy(holders, 'claimed.locked_by')}
        ) and status = 'queued' and due_at > ${now} and ${heldBy(holders, 'locked_by')}`.execute(
        kysely,
      );
      const handedOver = await sql`
        update messages set locked_by = null, due_at = ${now}
        where status = 'sending' and due_at > ${now} and ${heldBy(holders, 'locked_by')}`.execute(
        kysely,
      );
      return Number((claims.numAffectedRows ?? 0n) + (handedOver.numAffectedRows ?? 0n));
    },
    async recentTo(destinations, since, limit) {
      const days = await daysSince(bulk, since);
      const rows = await bulk.select(
        recentTo,
        destinations.flatMap((destination) => days.map((day) => [day, destination, since, limit])),
      );
      return destinations.map((_, at) =>
        rows
          .slice(at * days.length, (at + 1) * days.length)
          .flat()
          .slice(0, limit)
          .map(messageRow.decode),
      );
    },
    async refsTaken(refs) {
      const rows = await bulk.select(
        ofRef,
        refs.map(({ accountId, clientRef }) => [accountId, clientRef, 1]),
      );
      return rows.map((found) => found.length > 0);
    },
    async repeated(accountId, messages, since) {
      const days = await daysSince(bulk, since);
      const rows = await bulk.select(
        same,
        messages.flatMap(({ destination, sender, text }) =>
          days.map((day) => [day, destination, accountId, sender, text, since, 1]),
        ),
      );
      return messages.map((_, at) =>
        rows.slice(at * days.length, (at + 1) * days.length).some((found) => found.length > 0),
      );
    },
  };
}
