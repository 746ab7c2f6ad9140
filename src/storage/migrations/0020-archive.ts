import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `archive_files`: what has left the tables, and where it is now. `accounts` is JSON: how many rows of each.
 * - `short_links`: those that an account makes by itself, without a message. `title` is for people, `endpoint_id`
 *   is told of visits, `advanced` is what the account says.
 */
export const archive: Migration = {
  number: 20,
  name: 'archive',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('archive_files')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('day', integer, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('place', text, (c) => c.notNull())
      .addColumn('state', text, (c) => c.notNull())
      .addColumn('rows', integer, (c) => c.notNull())
      .addColumn('bytes', integer, (c) => c.notNull())
      .addColumn('first_id', text)
      .addColumn('last_id', text)
      .addColumn('accounts', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('locked_by', text)
      .addColumn('due_at', integer, (c) => c.notNull())
      .execute();
    await sql`create index archive_files_day on archive_files (day, id)`.execute(db);
    await sql`create index archive_files_state on archive_files (state)`.execute(db);

    for (const column of ['title', 'endpoint_id']) {
      await db.schema.alterTable('short_links').addColumn(column, text).execute();
    }
    for (const column of ['advanced', 'changed_at']) {
      await db.schema.alterTable('short_links').addColumn(column, integer).execute();
    }
    await sql`create index short_links_own on short_links (account_id, created_at)
      where message_id is null`.execute(db);
  },
};
