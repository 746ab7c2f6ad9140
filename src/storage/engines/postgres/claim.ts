import type { Claims } from '../../engine.ts';
import { pendingEndpoints } from '../../pending-endpoints.ts';
import type { Row } from '../../row.ts';
import { messageRow, notificationRow } from '../../tables.ts';
import type { Queryable } from './dialect.ts';

/*
 * The queue statements. What another node has locked is stepped over (`skip locked`), and so is what
 * may not be taken: a link's rows are asked for one priority after the other, notifications one
 * endpoint after the other, each by a range of its partial index (see the twin for SQLite).
 *
 * EXPLAIN (PostgreSQL 18, ten partitions; the others likewise, or never executed)
 *   messages, priority   Recursive Union -> Limit -> Merge Append
 *                          -> Index Only Scan using messages_p…_link_id_priority_due_at_idx (link_id=, priority<)
 *   messages, due        Limit -> LockRows -> Merge Append
 *                          -> Index Scan using messages_p…_link_id_priority_due_at_idx (link_id=, priority=, due_at<=)
 *   notifications, head  Limit -> Merge Append -> Index Scan using notifications_p…_via_endpoint_id_due_at_idx
 *   update               Nested Loop -> Append -> Index Scan using …_pkey (id=)
 *
 * What they read is looked at in `plans.test.ts`, on tables that grew after the plan was made.
 */

/** `$1` link, `$2` now, `$3` limit, `$4` node, `$5` end of the lease. */
const claimMessages = {
  name: 'claim_messages',
  text: `
    with recursive lane (priority) as (
      select max(priority) from messages where status = 'queued' and link_id = $1
      union all
      select (select max(priority) from messages
              where status = 'queued' and link_id = $1 and priority < lane.priority)
      from lane where lane.priority is not null
    ), due as materialized (
      select taken.id, taken.due_at as was
      from lane cross join lateral (
        select id, due_at from messages
        where status = 'queued' and link_id = $1 and priority = lane.priority and due_at <= $2
        order by due_at limit $3 for update skip locked
      ) as taken
      where lane.priority is not null
      limit $3
    )
    update messages set locked_by = $4, due_at = $5 from due where messages.id = due.id
    returning ${messageRow.columns.map((column) => `messages.${column}`).join(', ')}, due.was`,
};

/** `$1` now, `$2` limit, `$3` busy endpoints, `$4` node, `$5` end of the lease. */
const claimNotifications = {
  name: 'claim_notifications',
  text: `
    with recursive ${pendingEndpoints('request')}, head as (
      select endpoint.id, first.due_at from endpoint cross join lateral (
        select due_at from notifications
        where status = 'pending' and via = 'request' and endpoint_id = endpoint.id
        order by due_at limit 1
      ) as first
      where endpoint.id <> all ($3::text[]) and first.due_at <= $1
      order by first.due_at limit $2
    ), oldest as (
      select one.id, one.due_at from head cross join lateral (
        select id, due_at from notifications
        where status = 'pending' and via = 'request' and endpoint_id = head.id and due_at <= $1
        order by due_at limit $2
      ) as one
      order by one.due_at limit $2
    ), due as materialized (
      select taken.id, oldest.due_at as was from oldest cross join lateral (
        select id from notifications
        where id = oldest.id and status = 'pending' and due_at = oldest.due_at
        for update skip locked
      ) as taken
    )
    update notifications set locked_by = $4, due_at = $5 from due where notifications.id = due.id
    returning ${notificationRow.columns.map((column) => `notifications.${column}`).join(', ')}, due.was`,
};

/** `$1` endpoints, `$2` how much of each, `$3` now, `$4` node, `$5` end of the lease. */
const claimForSessions = {
  name: 'claim_for_sessions',
  text: `
    with due as materialized (
      select taken.id, taken.due_at as was
      from unnest($1::text[], $2::bigint[]) as wish (endpoint_id, most) cross join lateral (
        select id, due_at from notifications
        where status = 'pending' and via = 'session' and endpoint_id = wish.endpoint_id
          and due_at <= $3
        order by due_at, id limit wish.most for update skip locked
      ) as taken
    )
    update notifications set locked_by = $4, due_at = $5 from due where notifications.id = due.id
    returning ${notificationRow.columns.map((column) => `notifications.${column}`).join(', ')}, due.was`,
};

const priority = messageRow.columns.indexOf('priority');
const messagesByAge = byAge(messageRow.columns.indexOf('id'));
const notificationsByAge = byAge(notificationRow.columns.indexOf('id'));

function byPriority(a: Row, b: Row): number {
  return Number(b[priority]) - Number(a[priority]) || messagesByAge(a, b);
}

/** Takes a client within a transaction; gives its queue statements. */
export function claimsOn(client: Queryable): Claims {
  const run = async (statement: { name: string; text: string }, values: unknown[]) =>
    (await client.query({ ...statement, values, rowMode: 'array' })).rows as Row[];

  return {
    async messages({ linkId, nodeId, now, leaseUntil, limit }) {
      const rows = await run(claimMessages, [linkId, now, limit, nodeId, leaseUntil]);
      return rows.toSorted(byPriority);
    },
    async notifications({ nodeId, now, leaseUntil, limit, except }) {
      const rows = await run(claimNotifications, [now, limit, except, nodeId, leaseUntil]);
      return rows.toSorted(notificationsByAge);
    },
    async sessionNotifications({ nodeId, now, leaseUntil, wishes }) {
      const endpoints = wishes.map(({ endpointId }) => endpointId);
      const most = wishes.map(({ limit }) => limit);
      const rows = await run(claimForSessions, [endpoints, most, now, nodeId, leaseUntil]);
      return rows.toSorted(notificationsByAge);
    },
  };
}

/**
 * By the time at which they could be taken, which comes last, and by their ids, which are in the order in which they
 * were made. An update gives its rows in any order.
 */
function byAge(id: number): (a: Row, b: Row) => number {
  return (a, b) => Number(a.at(-1)) - Number(b.at(-1)) || (String(a[id]) < String(b[id]) ? -1 : 1);
}
