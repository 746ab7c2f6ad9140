import { sql } from 'kysely';

import type { Migration } from './migration.ts';

const indexes = [
  'devices_account on devices (account_id, created_at)',
  "device_messages_waiting on device_messages (device_id, priority desc, message_id) where state = 'waiting'",
  `device_messages_given on device_messages (device_id, priority desc, message_id)
     where state = 'given' or state = 'cancelling'`,
  "device_messages_expiring on device_messages (expires_at) where state = 'waiting'",
  `device_messages_unconfirmed on device_messages (processed_at)
     where state = 'taken' and processed_at is not null`,
  `device_messages_pace on device_messages (device_id, pulled_at) where pulled_at is not null`,
  'enrolment_codes_age on enrolment_codes (expires_at)',
  'senders_key on senders (address_key)',
];

/**
 * - `devices`: phones that serve as ways out for their accounts. `sims`, `settings` and `senders` are JSON.
 * - `device_messages`: what each has of a message. The rows belong to messages and are cut by time with them.
 * - `enrolment_codes`: one-time codes by which a phone can come in, as digests.
 * - `messages.device`, `replies.device`: by which phone it goes, or came, JSON the former.
 * - `senders_key`: whether anybody shows an address.
 */
export const devices: Migration = {
  number: 13,
  name: 'devices',
  async up(db, capabilities) {
    const { integer, partitions } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('devices')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('label', text)
      .addColumn('number', text)
      .addColumn('sims', text, (c) => c.notNull())
      .addColumn('battery', integer)
      .addColumn('health', text)
      .addColumn('version', text)
      .addColumn('last_seen_at', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('settings', text, (c) => c.notNull())
      .addColumn('token', text, (c) => c.notNull().unique())
      .addColumn('secret', text, (c) => c.notNull())
      .addColumn('hook', text, (c) => c.notNull().unique())
      .addColumn('push_token', text)
      .addColumn('credential_id', text)
      .addColumn('senders', text, (c) => c.notNull())
      .addColumn('rest_until', integer, (c) => c.notNull())
      .execute();

    const errands = db.schema
      .createTable('device_messages')
      .addColumn('message_id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('link_id', text, (c) => c.notNull())
      .addColumn('device_id', text, (c) => c.notNull())
      .addColumn('pinned', integer, (c) => c.notNull())
      .addColumn('sim', integer)
      .addColumn('parts', integer, (c) => c.notNull())
      .addColumn('priority', integer, (c) => c.notNull())
      .addColumn('state', text, (c) => c.notNull())
      .addColumn('attempt', integer, (c) => c.notNull())
      .addColumn('tried', text, (c) => c.notNull())
      .addColumn('secret', text)
      .addColumn('queued_at', integer, (c) => c.notNull())
      .addColumn('pulled_at', integer)
      .addColumn('processed_at', integer)
      .addColumn('sent_at', integer)
      .addColumn('done_at', integer)
      .addColumn('unconfirmed', integer, (c) => c.notNull())
      .addColumn('error', text)
      .addColumn('expires_at', integer, (c) => c.notNull());
    if (partitions) {
      await errands.modifyEnd(sql`partition by range (message_id)`).execute();
      await sql`create table device_messages_rest partition of device_messages default`.execute(db);
    } else {
      await errands.execute();
    }

    await db.schema
      .createTable('enrolment_codes')
      .addColumn('code', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('credential_id', text)
      .addColumn('expires_at', integer, (c) => c.notNull())
      .execute();

    for (const table of ['messages', 'replies']) {
      await db.schema.alterTable(table).addColumn('device', text).execute();
    }
    for (const index of indexes) await sql.raw(`create index ${index}`).execute(db);
  },
};
