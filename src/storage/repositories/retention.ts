import { type RawBuilder, sql } from 'kysely';

import type { Tx } from '../../core/ports/storage.ts';
import type { Capabilities, Take, WriteSession } from '../engine.ts';
import { firstIdAt, weekOf } from '../partitions.ts';
import { pendingEndpoints } from '../pending-endpoints.ts';
import { userRetention } from './user-retention.ts';
import type { Row } from '../row.ts';
import { audienceRetention } from './audience-retention.ts';
import { campaignRetention } from './campaign-retention.ts';

const message: Take = { table: 'messages', columns: ['id'], key: ['id'] };
const parts: Take = { table: 'parts', columns: ['number'], key: ['message_id'] };
const errand: Take = { table: 'device_messages', columns: ['message_id'], key: ['message_id'] };
const timeline: Take = { table: 'timeline', columns: ['seq'], key: ['message_id'] };
const remark: Take = { table: 'timeline', columns: ['seq'], key: ['message_id', 'seq'] };
const notification: Take = { table: 'notifications', columns: ['id'], key: ['id'] };
const attempts: Take = {
  table: 'notification_attempts',
  columns: ['seq'],
  key: ['notification_id'],
};
const shortLink: Take = { table: 'short_links', columns: ['code'], key: ['code'] };
const visitsOf: Take = { table: 'short_link_visits', columns: ['seq'], key: ['code'] };
const reply: Take = { table: 'replies', columns: ['id'], key: ['id'] };

/**
 * Takes a session that writes; gives `Tx.retain`.
 *
 * The old ones are found without an index by age: ids are UUIDs of version 7, so the oldest rows come
 * first in the primary key, and what was made after the cut cannot have ended before it. Messages
 * that wait for a far day are stepped over each time; they are few.
 */
export function retainWrites(session: WriteSession, { partitions }: Capabilities): Tx['retain'] {
  const { kysely, bulk } = session;
  const retainCampaigns = campaignRetention(session);
  const retainUsers = userRetention(session);
  const retainAudience = audienceRetention(session);
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
    const messages = before.archived
      ? []
      : await oldIds('messages', 'done_at', cut, limit, grainOf(cut));
    await bulk.take(parts, messages);
    await bulk.take(timeline, messages);
    await bulk.take(errand, messages);
    await bulk.take(message, messages);

    const { rows: remarks } = await sql<{ message_id: string; seq: number }>`
      select message_id, seq from timeline
      where message_id < ${firstIdAt(grainOf(before.timeline))} and at < ${before.timeline}
      order by message_id limit ${limit}`.execute(kysely);
    await bulk.take(
      remark,
      remarks.map(({ message_id: id, seq }): Row => [id, seq]),
    );

    const told = before.notifications;
    const notifications = await oldIds('notifications', 'done_at', told, limit, grainOf(told));
    await bulk.take(attempts, notifications);
    await bulk.take(notification, notifications);

    const unconfirmed = await deleted(sql`
      with recursive ${sql.raw(pendingEndpoints('poll'))}
      delete from notifications where id in (
        select old.id from endpoint join notifications as old
          on old.status = 'pending' and old.via = 'poll' and old.endpoint_id = endpoint.id
          and old.due_at < ${before.unconfirmed}
        limit ${limit})`);

    const replies = before.archived
      ? []
      : await oldIds('replies', 'received_at', before.replies, limit);
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

    // When their day is over: the index that leads to them holds days.
    const enrolments = await deleted(sql`
      delete from enrolment_codes where code in (
        select code from enrolment_codes
        where expires_at <= ${before.enrolmentCodes} order by expires_at limit ${limit})`);

    const { rows: old } = await sql<{ code: string }>`
      select code from short_links
      where created_at / 86400000 < ${Math.floor(before.shortLinks / 86_400_000)} limit ${limit}`.execute(
      kysely,
    );
    const links = old.map(({ code }): Row => [code]);
    await bulk.take(visitsOf, links);
    await bulk.take(shortLink, links);
    const visits = await deleted(sql`
      delete from short_link_visits where seq in (
        select seq from short_link_visits where at < ${before.visits} order by at limit ${limit})`);
    const audience = await retainAudience(before, limit);
    const sealed = await deleted(sql`
      delete from sealed_texts where code in (
        select code from sealed_texts
        where expires_at < ${before.sealedTexts} order by expires_at limit ${limit})`);
    const campaigns = await retainCampaigns(before.campaigns, limit);
    const users = await retainUsers(before, limit);
    return (
      users +
      campaigns +
      messages.length +
      remarks.length +
      notifications.length +
      unconfirmed +
      replies.length +
      keys +
      receipts +
      segments +
      rates +
      enrolments +
      links.length +
      visits +
      audience +
      sealed
    );
  };
}
