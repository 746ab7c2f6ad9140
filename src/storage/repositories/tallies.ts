import { type SelectQueryBuilder, sql } from 'kysely';

import type { AccountId } from '../../core/ids.ts';
import type { Tally, TallyReads, TallySearch } from '../../core/ports/tally-storage.ts';
import type { Session } from '../engine.ts';
import { messageRow, type Tables } from '../tables.ts';
import { boundedPage } from './page.ts';

/** Far more than there are: a bound on what is held in memory. */
const MOST_GROUPS = 10_000;
/** Sorts after everything that a reference can go on with. */
const LAST_CHARACTER = '\u{10ffff}';

/**
 * Takes a session that reads; gives what accounts' messages come to.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   a span        SEARCH messages USING INDEX messages_account (account_id=? AND …) within its instants
 *   a reference   SEARCH messages USING INDEX messages_client_ref (account_id=? AND client_ref>? AND client_ref<?)
 */
export function tallyReads({ kysely }: Session): TallyReads {
  return {
    async ofAccount(accountId, created) {
      const { rows } = await sql<Tally>`
        select product, status, error, count(*) as messages,
          cast(sum(parts) as bigint) as parts, cast(sum(price) as bigint) as price
        from messages
        where account_id = ${accountId} and hidden_at is null
          and created_at >= ${created.from} and created_at < ${created.before}
        group by product, status, error order by product, status, error
        limit ${MOST_GROUPS}`.execute(kysely);
      return rows;
    },
    async count(accountId, search, most) {
      const few = narrowed(kysely.selectFrom('messages').select('id'), accountId, search)
        .limit(most)
        .as('few');
      const { count } = await kysely
        .selectFrom(few)
        .select(sql<number>`count(*)`.as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async list(accountId, { limit, offset, ...search }) {
      const page = boundedPage({ limit, offset });
      const records = await narrowed(kysely.selectFrom('messages').selectAll(), accountId, search)
        .orderBy('created_at')
        .orderBy('id')
        .limit(page.limit)
        .offset(page.offset)
        .execute();
      return records.map(messageRow.fromRecord);
    },
  };
}

function narrowed<Row>(
  query: SelectQueryBuilder<Tables, 'messages', Row>,
  accountId: AccountId,
  { created, refBegins, destination }: TallySearch,
): SelectQueryBuilder<Tables, 'messages', Row> {
  let narrow = query.where('account_id', '=', accountId).where('hidden_at', 'is', null);
  if (created) {
    narrow = narrow.where('created_at', '>=', created.from);
    narrow = narrow.where('created_at', '<', created.before);
  }
  if (refBegins !== undefined) {
    narrow = narrow.where('client_ref', '>=', refBegins);
    narrow = narrow.where('client_ref', '<', refBegins + LAST_CHARACTER);
  }
  if (destination !== undefined) narrow = narrow.where('destination', '=', destination);
  return narrow;
}
