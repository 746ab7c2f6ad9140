import { type RawBuilder, sql } from 'kysely';

import type { Tx } from '../../core/ports/storage.ts';
import type { Capabilities, Take, WriteSession } from '../engine.ts';
import { firstIdAt, weekOf } from '../partitions.ts';
import type { Row } from '../row.ts';

const message: Take = { table: 'messages', columns: ['id'], key: ['id'] };
const parts: Take = { table: 'parts', columns: ['number'], key: ['message_id'] };
const timeline: Take = { table: 'timeline', columns: ['seq'], key: ['message_id'] };
const notification: Take = { table: 'notifications', columns: ['id'], key: ['id'] };
const attempts: Take = {
  table: 'notification_attempts',
  columns: ['seq'],
  key: ['notification_id'],
};
const reply: Take = { table: 'replies', columns: ['id'], key: ['id'] };

/**
 * Takes a session that writes; gives `Tx.retain`.
 *
 * The old ones are found without an index by age: ids are UUIDs of version 7, so the oldest rows come
 * first in the primary key, and what was made after the cut cannot have ended before it. Messages
 * that wait for a far day are stepped over each time; they are few.
 */
export function retainWrites(
  { kysely, bulk }: WriteSession,
  { partitions }: Capabilities,
): Tx['retain'] {
  const oldIds = async (
    table: string,
    endedAt: string,
    cut: number,
    limit: number,
    grain = cut,
  ) => {
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.table(table)}
      where id < ${firstIdAt(grain)} and ${sql.ref(endedAt)} < ${cut}
      order by id limit ${limit}`.execute(kysely);
    return rows.map(({ id }): Row => [id]);
  };
  const deleted = async (statement: RawBuilder<unknown>) =>
    Number((await statement.execute(kysely)).numAffectedRows ?? 0n);

  /** Where whole weeks are dropped, rows of the week of the cut wait for that: it costs nothing. */
  const grainOf = (cut: number) => (partitions ? weekOf(cut) : cut);

  return async (before, limit) => {
    const cut = before.messages;
    const messages = await oldIds('messages', 'done_at', cut, limit, grainOf(cut));
    await bulk.take(parts, messages);
    await bulk.take(timeline, messages);
    await bulk.take(message, messages);

    const told = before.notifications;
    const notifications = await oldIds('notifications', 'done_at', told, limit, grainOf(told));
    await bulk.take(attempts, notifications);
    await bulk.take(notification, notifications);

    const replies = await oldIds('replies', 'received_at', before.replies, limit);
    await bulk.take(reply, replies);

    const keys = await deleted(sql`
      delete from idempotency where (credential_id, key) in (
        select credential_id, key from idempotency
        where created_at < ${before.idempotency} order by created_at limit ${limit})`);
    const receipts = await deleted(sql`
      delete from parked_receipts where seq in (
        select seq from parked_receipts
        where at < ${before.parkedReceipts} order by at limit ${limit})`);
    const segments = await deleted(sql`
      delete from reply_segments where at < ${before.segments}`);
    const rates = await deleted(sql`
      delete from rates where name in (
        select name from rates where until <= ${before.rates} order by until limit ${limit})`);
    return (
      messages.length + notifications.length + replies.length + keys + receipts + segments + rates
    );
  };
}
