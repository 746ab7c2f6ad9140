import { type Kysely, sql } from 'kysely';

import type { Capabilities } from '../engine.ts';
import type { Migration } from './migration.ts';

/** By this migration; others were made later. */
const cutByTime = ['parts', 'timeline', 'messages', 'notification_attempts', 'notifications'];

/**
 * Instants are epoch milliseconds, booleans 0 or 1, JSON is text, ids are text, money is integer.
 *
 * No foreign keys: on SQLite those from messages to accounts and from parts to messages cost 0.9 µs for
 * a message with its part (of 5.6), and what they would catch cannot happen: nothing but retention
 * deletes, and it deletes the children with their parent.
 *
 * `messages` is an ordinary rowid table on SQLite. Without rowid was tried: its secondary indexes carry
 * the 36-byte id, and the whole life of a message took 60 µs of processor time instead of 52.
 *
 * The index that costs most is that by destination, since numbers come in any order and each new entry
 * touches another page: 6 of 16 µs of an insert. All others are nearly free, their new entries lie side
 * by side. So it is cut into days: only today's piece is written, whatever is stored. With 10 million
 * messages stored an insert of 100 takes 1.5 ms instead of 1.2 on an empty table, and the whole life
 * of a message 51 µs of processor time instead of 47; with one piece for all time the insert took 2.3
 * to 4.0 ms (p90 14 to 20 ms, the checkpoints of far pages) and the life 67 to 88 µs.
 */
export const first: Migration = {
  number: 1,
  name: 'first',
  async up(db, capabilities) {
    await accounts(db, capabilities);
    await messages(db, capabilities);
    await notifications(db, capabilities);
    if (capabilities.partitions) {
      for (const table of cutByTime) {
        // Holds what no other partition was made for, so that no insert ever fails for want of one.
        await sql.raw(`create table ${table}_rest partition of ${table} default`).execute(db);
      }
    }
    for (const index of indexes) await sql.raw(index).execute(db);
    if (!capabilities.clusteredTables) {
      // Where each account's entries lie on a page of their own it would be dear: see `ledger`.
      await sql`create index ledger_account on ledger (account_id, seq)`.execute(db);
    }
  },
};

/**
 * - `messages_queue`: the claim. A claimed row's `due_at` is the end of its lease, so `due_at <= now`
 *   alone says whether it may be taken.
 * - `messages_expiring`: so that the reaper need not walk a long queue to find nothing.
 * - `messages_watch`: rows that wait for a time; `link_id` is there for counting. Written with OR,
 *   because SQLite uses a partial index only when a term of the query stands in its condition.
 * - `messages_scheduled`: what an opt-out cancels.
 * - `messages_destination`: whom a reply answers, and what is a repetition; asked day by day.
 * - `messages_account`, `messages_client_ref`: lists. One index cannot be both: a list without a
 *   reference wants the ids in order.
 * - `parts_upstream`: receipts. Networks use an id again; the newest is found without sorting.
 * - `notifications_queue`: by endpoint, so that the backlog of a busy one is stepped over, not read.
 */
const indexes = [
  'create index credentials_account on credentials (account_id)',
  'create unique index credentials_lookup on credentials (dialect, kind, lookup)',
  'create unique index senders_address on senders (account_id, address)',
  "create unique index senders_dedicated on senders (address_key) where kind = 'dedicated'",
  'create index senders_proof on senders (proof) where proof is not null',
  'create index endpoints_account on endpoints (account_id)',
  'create index optouts_newest on optouts (account_id, created_at)',

  `create index messages_queue on messages (link_id, priority desc, due_at) where status = 'queued'`,
  `create index messages_expiring on messages (expires_at) where status = 'queued'`,
  `create index messages_watch on messages (status, due_at, link_id)
     where status = 'scheduled' or status = 'sending' or status = 'sent'`,
  `create index messages_scheduled on messages (account_id, destination) where status = 'scheduled'`,
  'create index messages_destination on messages (created_day, destination)',
  'create index messages_account on messages (account_id, id)',
  `create index messages_client_ref on messages (account_id, client_ref)
     where client_ref is not null`,

  `create index parts_upstream on parts (link_id, upstream_id, sent_at)
     where upstream_id is not null`,
  'create index timeline_message on timeline (message_id)',
  'create index parked_receipts_upstream on parked_receipts (link_id, upstream_id)',
  'create index parked_receipts_age on parked_receipts (at)',
  'create unique index replies_upstream on replies (link_id, upstream_id)',
  'create index replies_newest on replies (account_id, received_at)',

  `create index notifications_queue on notifications (endpoint_id, due_at)
     where status = 'pending'`,
  `create index notifications_failed on notifications (id) where status = 'failed'`,
  'create index notifications_account on notifications (account_id, id)',
  `create index notifications_message on notifications (message_id)
     where message_id is not null`,
  'create index notification_attempts_of on notification_attempts (notification_id)',
  'create index idempotency_age on idempotency (created_at)',
];

async function accounts(db: Kysely<unknown>, capabilities: Capabilities): Promise<void> {
  const { integer } = capabilities;
  const text = sql.raw(capabilities.text);
  await db.schema
    .createTable('accounts')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('name', text, (c) => c.notNull().unique())
    .addColumn('status', text, (c) => c.notNull())
    .addColumn('home_country', text, (c) => c.notNull())
    .addColumn('allowed_countries', text, (c) => c.notNull())
    .addColumn('price_per_part', integer, (c) => c.notNull())
    .addColumn('refund_policy', text, (c) => c.notNull())
    .addColumn('duplicate_window_ms', integer, (c) => c.notNull())
    .addColumn('settings', text, (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('balances')
    .addColumn('account_id', text, (c) => c.primaryKey().notNull())
    .addColumn('amount', integer, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('credentials')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('account_id', text, (c) => c.notNull())
    .addColumn('dialect', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('lookup', text, (c) => c.notNull())
    .addColumn('secret', text)
    .addColumn('label', text, (c) => c.notNull())
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('revoked_at', integer)
    .execute();
  await db.schema
    .createTable('senders')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('account_id', text, (c) => c.notNull())
    .addColumn('address', text, (c) => c.notNull())
    .addColumn('address_key', text, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('status', text, (c) => c.notNull())
    .addColumn('label', text)
    .addColumn('proof', text)
    .addColumn('created_at', integer, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('endpoints')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('account_id', text, (c) => c.notNull())
    .addColumn('form', text, (c) => c.notNull())
    .addColumn('topic', text, (c) => c.notNull())
    .addColumn('url', text, (c) => c.notNull())
    .addColumn('secret', text)
    .addColumn('created_at', integer, (c) => c.notNull())
    .addColumn('disabled_at', integer)
    .execute();
}

async function messages(db: Kysely<unknown>, capabilities: Capabilities): Promise<void> {
  const { integer } = capabilities;
  const text = sql.raw(capabilities.text);
  const clustered = clusteredWhere(capabilities);
  const partitioned = partitionedWhere(capabilities);
  await partitioned(
    db.schema
      .createTable('messages')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('submission_id', text, (c) => c.notNull())
      .addColumn('position', integer, (c) => c.notNull())
      .addColumn('destination', text, (c) => c.notNull())
      .addColumn('sender', text, (c) => c.notNull())
      .addColumn('text', text, (c) => c.notNull())
      .addColumn('encoding', text, (c) => c.notNull())
      .addColumn('parts', integer, (c) => c.notNull())
      .addColumn('price', integer, (c) => c.notNull())
      .addColumn('client_ref', text)
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('error', text)
      .addColumn('error_detail', text)
      .addColumn('link_id', text)
      .addColumn('priority', integer, (c) => c.notNull())
      .addColumn('attempts', integer, (c) => c.notNull())
      .addColumn('possibly_doubled', integer, (c) => c.notNull())
      .addColumn('due_at', integer, (c) => c.notNull())
      .addColumn('locked_by', text)
      .addColumn('scheduled_at', integer)
      .addColumn('expires_at', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('sent_at', integer)
      .addColumn('done_at', integer)
      .addColumn('created_day', integer, (c) =>
        c.generatedAlwaysAs(sql`created_at / 86400000`).stored(),
      ),
    'id',
  ).execute();
  await partitioned(
    clustered(
      db.schema
        .createTable('parts')
        .addColumn('message_id', text, (c) => c.notNull())
        .addColumn('number', integer, (c) => c.notNull())
        .addColumn('link_id', text, (c) => c.notNull())
        .addColumn('upstream_id', text)
        .addColumn('status', text, (c) => c.notNull())
        .addColumn('error', text)
        .addColumn('sent_at', integer, (c) => c.notNull())
        .addColumn('done_at', integer)
        .addPrimaryKeyConstraint('parts_key', ['message_id', 'number']),
    ),
    'message_id',
  ).execute();
  await partitioned(
    db.schema
      .createTable('timeline')
      .addColumn('seq', sql.raw(capabilities.countingColumn))
      .addColumn('message_id', text, (c) => c.notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('what', text, (c) => c.notNull())
      .addColumn('detail', text),
    'message_id',
  ).execute();
  // Entries lie in the order in which they came, and there is no index by account: both would spread the
  // entries of one commit over as many pages as there are accounts in it, which was a fifth of what a
  // commit of 24 requests of 8 accounts costs (46 to 37 µs a message). Only the owner's tools ask for
  // an account's entries, in a process of their own.
  await db.schema
    .createTable('ledger')
    .addColumn('seq', sql.raw(capabilities.countingKey))
    .addColumn('id', text, (c) => c.notNull())
    .addColumn('account_id', text, (c) => c.notNull())
    .addColumn('at', integer, (c) => c.notNull())
    .addColumn('amount', integer, (c) => c.notNull())
    .addColumn('kind', text, (c) => c.notNull())
    .addColumn('submission_id', text)
    .addColumn('message_id', text)
    .addColumn('note', text)
    .execute();
  await clustered(
    db.schema
      .createTable('optouts')
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('source', text, (c) => c.notNull())
      .addColumn('reply_id', text)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('optouts_key', ['account_id', 'number']),
  ).execute();
  await db.schema
    .createTable('parked_receipts')
    .addColumn('seq', sql.raw(capabilities.countingKey))
    .addColumn('link_id', text, (c) => c.notNull())
    .addColumn('upstream_id', text, (c) => c.notNull())
    .addColumn('status', text, (c) => c.notNull())
    .addColumn('detail', text)
    .addColumn('at', integer, (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('replies')
    .addColumn('id', text, (c) => c.primaryKey().notNull())
    .addColumn('account_id', text)
    .addColumn('link_id', text, (c) => c.notNull())
    .addColumn('upstream_id', text)
    .addColumn('from_number', text, (c) => c.notNull())
    .addColumn('to_address', text, (c) => c.notNull())
    .addColumn('text', text, (c) => c.notNull())
    .addColumn('keyword', text)
    .addColumn('message_id', text)
    .addColumn('received_at', integer, (c) => c.notNull())
    .execute();
  await clustered(
    db.schema
      .createTable('idempotency')
      .addColumn('credential_id', text, (c) => c.notNull())
      .addColumn('key', text, (c) => c.notNull())
      .addColumn('fingerprint', text, (c) => c.notNull())
      .addColumn('answer', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('idempotency_key', ['credential_id', 'key']),
  ).execute();
}

async function notifications(db: Kysely<unknown>, capabilities: Capabilities): Promise<void> {
  const { integer } = capabilities;
  const text = sql.raw(capabilities.text);
  const partitioned = partitionedWhere(capabilities);
  await partitioned(
    db.schema
      .createTable('notifications')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('endpoint_id', text, (c) => c.notNull())
      .addColumn('message_id', text)
      .addColumn('event', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('attempts', integer, (c) => c.notNull())
      .addColumn('due_at', integer, (c) => c.notNull())
      .addColumn('locked_by', text)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('done_at', integer),
    'id',
  ).execute();
  // A replay begins to count anew, so (notification_id, number) is not a key.
  await partitioned(
    db.schema
      .createTable('notification_attempts')
      .addColumn('seq', sql.raw(capabilities.countingColumn))
      .addColumn('notification_id', text, (c) => c.notNull())
      .addColumn('number', integer, (c) => c.notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('duration_ms', integer, (c) => c.notNull())
      .addColumn('status', integer)
      .addColumn('detail', text),
    'notification_id',
  ).execute();
}

/** Small tables that are always reached by their key: on SQLite the key is the table. */
function clusteredWhere(capabilities: Capabilities) {
  return <T extends { modifyEnd(modifier: ReturnType<typeof sql>): T }>(table: T): T =>
    capabilities.clusteredTables ? table.modifyEnd(sql`without rowid`) : table;
}

/**
 * The big tables are cut by time where the engine can, and the cut is their id: UUIDs of version 7
 * begin with the instant at which they were made, and what belongs to a message or a notification
 * carries its id. So a row is found by its id in one partition, and retention drops whole ones.
 */
function partitionedWhere(capabilities: Capabilities) {
  return <T extends { modifyEnd(modifier: ReturnType<typeof sql>): T }>(table: T, id: string): T =>
    capabilities.partitions ? table.modifyEnd(sql.raw(`partition by range (${id})`)) : table;
}
