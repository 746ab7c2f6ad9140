import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `replies.read_at`, `alias`: what an account notes of what it received. `hidden_at`, of replies and messages: since
 *   when it sees them no more.
 * - `messages.secret`: the sealed end of a text that is kept nowhere else.
 * - `sealed_texts`: encrypted texts that a link leads to, without their keys.
 */
export const history: Migration = {
  number: 14,
  name: 'history',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    for (const table of ['messages', 'replies']) {
      await db.schema.alterTable(table).addColumn('hidden_at', integer).execute();
    }
    await db.schema.alterTable('messages').addColumn('secret', text).execute();
    await db.schema.alterTable('replies').addColumn('read_at', integer).execute();
    await db.schema.alterTable('replies').addColumn('alias', text).execute();
    await sql`create index replies_unread on replies (account_id, received_at)
      where read_at is null and hidden_at is null`.execute(db);
    await db.schema
      .createIndex('replies_from')
      .on('replies')
      .columns(['account_id', 'from_number', 'received_at'])
      .execute();
    await db.schema
      .createTable('sealed_texts')
      .addColumn('code', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('sealed', text, (c) => c.notNull())
      .addColumn('views_left', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('expires_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createIndex('sealed_texts_age')
      .on('sealed_texts')
      .columns(['expires_at'])
      .execute();
  },
};
