import { type Kysely, sql } from 'kysely';

import type { AccountId, LinkId } from '../../core/ids.ts';
import type { Turnover } from '../../core/ports/storage.ts';
import { firstIdAt } from '../partitions.ts';
import type { Tables } from '../tables.ts';

/** Far more than there are: a bound on what is held in memory. */
const MOST_GROUPS = 100_000;

/**
 * What messages of a span came to, as `Reads.messages.turnover`. Ids begin with their instant, so the span is a
 * range of the primary key: no index is kept for this alone.
 *
 * What is under way is left out, since its cost is not known to be owed yet. What was given back is read from
 * the remarks: each is written with its ledger entry, and those are not to be found by message.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   sums      SEARCH messages USING INDEX sqlite_autoindex_messages_1 (id>? AND id<?)
 *   refunds   the same, and SEARCH timeline USING INDEX timeline_message (message_id=?)
 */
export async function turnover(
  kysely: Kysely<Tables>,
  span: { from: number; until: number },
): Promise<Turnover[]> {
  const [from, until] = [firstIdAt(span.from), firstIdAt(span.until)];
  const sums = await sql<GroupRow & SumRow>`
    select account_id, link_id, count(*) as messages,
      cast(sum(parts) as bigint) as parts,
      cast(sum(price) as bigint) as price,
      cast(sum(case when sent_at is not null or status = 'unknown' then cost end) as bigint) as cost,
      cast(sum(case when cost is null and (sent_at is not null or status = 'unknown')
        then 1 else 0 end) as bigint) as unknown
    from messages
    where id >= ${from} and id < ${until}
      and link_id is not null and status not in ('scheduled', 'queued', 'sending')
    group by account_id, link_id order by account_id, link_id limit ${MOST_GROUPS}`.execute(kysely);
  const refunds = await sql<GroupRow & { refunded: number }>`
    select messages.account_id, messages.link_id,
      cast(sum(round(cast(timeline.detail as numeric) * 1000)) as bigint) as refunded
    from messages join timeline on timeline.message_id = messages.id
    where messages.id >= ${from} and messages.id < ${until}
      and messages.link_id is not null
      and messages.status in ('cancelled', 'failed', 'expired', 'rejected')
      and timeline.message_id >= ${from} and timeline.message_id < ${until}
      and timeline.what = 'refunded'
    group by messages.account_id, messages.link_id limit ${MOST_GROUPS}`.execute(kysely);
  const given = new Map(refunds.rows.map((row) => [groupOf(row), row.refunded]));
  return sums.rows.map((row) => ({
    accountId: row.account_id,
    linkId: row.link_id,
    messages: row.messages,
    parts: row.parts,
    price: row.price,
    refunded: given.get(groupOf(row)) ?? 0,
    cost: row.cost ?? 0,
    costUnknown: row.unknown,
  }));
}

interface GroupRow {
  account_id: AccountId;
  link_id: LinkId;
}

interface SumRow {
  messages: number;
  parts: number;
  price: number;
  cost: number | null;
  unknown: number;
}

const groupOf = ({ account_id, link_id }: GroupRow): string => `${account_id}\0${link_id}`;
