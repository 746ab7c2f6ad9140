import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * For clients that ask for what happened, and that say more of where they are told:
 * - `endpoints.via`: who begins; `endpoints.settings`: what its form keeps with it, as JSON.
 * - `messages.medium`: what it is carried as; `messages.simulate`: how it is to end where it is only played.
 * - `accounts.parent_id`: whose sub-account it is.
 * - `signing_keys`: with which what an account is told is signed. At most one of an account is enabled.
 */
export const polling: Migration = {
  number: 10,
  name: 'polling',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .alterTable('endpoints')
      .addColumn('via', text, (c) => c.notNull().defaultTo('request'))
      .execute();
    await sql`update endpoints set via = 'session' where url = ''`.execute(db);
    await db.schema
      .alterTable('endpoints')
      .addColumn('settings', text, (c) => c.notNull().defaultTo('{}'))
      .execute();
    await db.schema
      .alterTable('messages')
      .addColumn('medium', text, (c) => c.notNull().defaultTo('sms'))
      .execute();
    await db.schema.alterTable('messages').addColumn('simulate', text).execute();
    await db.schema.alterTable('accounts').addColumn('parent_id', text).execute();
    await db.schema
      .createTable('signing_keys')
      .addColumn('id', text, (c) => c.primaryKey())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('cipher', text, (c) => c.notNull())
      .addColumn('digest', text, (c) => c.notNull())
      .addColumn('public_key', text, (c) => c.notNull())
      .addColumn('private_key', text, (c) => c.notNull())
      .addColumn('enabled', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
    await sql`create unique index signing_keys_enabled on signing_keys (account_id)
      where enabled = 1`.execute(db);
    await db.schema
      .createIndex('signing_keys_account')
      .on('signing_keys')
      .columns(['account_id', 'id'])
      .execute();
  },
};
