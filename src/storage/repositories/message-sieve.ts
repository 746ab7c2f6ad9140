import {
  type Expression,
  type Kysely,
  type RawBuilder,
  type SelectQueryBuilder,
  sql,
} from 'kysely';

import type { AccountId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type {
  Correspondent,
  CorrespondentSearch,
  MessageOutline,
  MessageSieve,
  Span,
} from '../../core/ports/storage.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { Session } from '../engine.ts';
import { messageRow, type Tables } from '../tables.ts';
import { newestOf } from './newest-of.ts';
import { holds } from './holds.ts';
import { boundedPage } from './page.ts';

/** How many of an account's newest rows are looked at for what no index knows. */
export const farthestSifted = 20_000;

const atOnce = sql<boolean>`(status = 'rejected' and attempts = 0)`;
const later = sql<boolean>`(status in ('failed', 'expired', 'unknown', 'cancelled')
  or (status = 'rejected' and attempts > 0))`;
const failures: Record<NonNullable<MessageSieve['failed']>, RawBuilder<boolean>> = {
  'at once': atOnce,
  later,
  either: sql<boolean>`(${atOnce} or ${later})`,
};

/** As `Reads.messages.sift`. EXPLAIN QUERY PLAN (SQLite): SEARCH messages USING INDEX messages_account, then a sort. */
export async function siftMessages(
  { kysely }: Session,
  accountId: AccountId,
  sieve: MessageSieve,
): Promise<Message[]> {
  const { limit, offset } = boundedPage(sieve);
  const { created, sent, failed, text, number, either, newest = 'created' } = sieve;
  const looked = within(kysely.selectFrom('messages').selectAll(), accountId, created)
    .limit(farthestSifted)
    .as('newest');
  let query = kysely.selectFrom(looked).selectAll();
  if (sent?.from !== undefined) query = query.where('sent_at', '>=', sent.from);
  if (sent?.before !== undefined) query = query.where('sent_at', '<', sent.before);
  if (failed) query = query.where(failures[failed]);
  if (text !== undefined) query = query.where(holds('text', text));
  if (number !== undefined) query = query.where(holds('destination', number));
  if (either !== undefined) {
    query = query.where(
      sql<boolean>`(${holds('text', either)} or ${holds('destination', either)})`,
    );
  }
  const records = await query
    .orderBy(newest === 'sent' ? 'sent_at' : 'created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .offset(offset)
    .execute();
  return records.map(messageRow.fromRecord);
}

/** As `Reads.messages.outlines`, by the same index. */
export async function outlines(
  { kysely }: Session,
  accountId: AccountId,
  { channel, created }: { channel: string; created?: Partial<Span> | undefined },
): Promise<MessageOutline[]> {
  const columns = kysely
    .selectFrom('messages')
    .select(['id', 'client_ref', 'channel', 'status', 'created_at']);
  const records = await within(columns, accountId, created).limit(farthestSifted).execute();
  return records.flatMap(({ id, client_ref, channel: by, status, created_at }) =>
    by === channel ? { id, clientRef: client_ref, status, createdAt: created_at } : [],
  );
}

/** As `Reads.messages.correspondents`. */
export function writtenTo(
  { kysely }: Session,
  accountId: AccountId,
  { span, without = [], ...search }: CorrespondentSearch,
): Promise<Correspondent[]> {
  const columns = kysely.selectFrom('messages').select(['destination', 'created_at', 'status']);
  const looked = within(columns, accountId, span).limit(farthestSifted).as('newest');
  let counted = kysely.selectFrom(looked).select(['destination as number', 'created_at as at']);
  if (without.length > 0) counted = counted.where('status', 'not in', without);
  return correspondentsOf(kysely, counted, search);
}

/** @param newest their last messages. */
export async function correspondentsOf(
  kysely: Kysely<Tables>,
  newest: Expression<{ number: E164; at: number }>,
  { first, limit }: Pick<CorrespondentSearch, 'first' | 'limit'>,
): Promise<Correspondent[]> {
  const { rows } = await sql<Correspondent>`
    select number, max(at) as at from (${newest}) as newest group by number
    order by 2 ${sql.raw(first === 'newest' ? 'desc' : 'asc')}, number
    limit ${boundedPage({ limit, offset: 0 }).limit}`.execute(kysely);
  return rows.map(({ number, at }) => ({ number, at }));
}

function within<Row>(
  query: SelectQueryBuilder<Tables, 'messages', Row>,
  accountId: AccountId,
  span: { from?: number | undefined; before?: number | undefined } | undefined,
): SelectQueryBuilder<Tables, 'messages', Row> {
  let narrow = newestOf(query, accountId).where('hidden_at', 'is', null);
  if (span?.from !== undefined) narrow = narrow.where('created_at', '>=', span.from);
  if (span?.before !== undefined) narrow = narrow.where('created_at', '<', span.before);
  return narrow;
}
