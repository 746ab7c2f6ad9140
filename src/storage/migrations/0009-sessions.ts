import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * For clients that come by connections of their own (SMPP):
 * - `notifications.via`: what is told over sessions is claimed by whoever holds one. It stands in front of the
 *   queue's index, so that what waits for a client who is away is not even stepped over by the others' claims.
 * - `messages.extras`: what a way in keeps with a message for its receipts, as JSON.
 * - `credentials.settings`: what a way in keeps with a credential, as JSON.
 * - `gatherings`: messages that come piece by piece, until they are whole.
 */
export const sessions: Migration = {
  number: 9,
  name: 'sessions',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .alterTable('notifications')
      .addColumn('via', text, (c) => c.notNull().defaultTo('request'))
      .execute();
    await sql`drop index notifications_queue`.execute(db);
    await sql`create index notifications_queue on notifications (via, endpoint_id, due_at)
      where status = 'pending'`.execute(db);

    await db.schema.alterTable('messages').addColumn('extras', text).execute();
    await db.schema
      .alterTable('credentials')
      .addColumn('settings', text, (c) => c.notNull().defaultTo('{}'))
      .execute();

    await db.schema
      .createTable('gatherings')
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('key', text, (c) => c.notNull())
      .addColumn('id', text, (c) => c.notNull())
      .addColumn('total', integer, (c) => c.notNull())
      .addColumn('pieces', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('gatherings_key', ['account_id', 'key'])
      .execute();
    await db.schema.createIndex('gatherings_age').on('gatherings').column('created_at').execute();
  },
};
