import { sql } from 'kysely';

import type { Migration } from './migration.ts';

const indexes = [
  'short_links_account on short_links (account_id, created_at)',
  'short_links_destination on short_links (account_id, destination)',
  'short_links_age on short_links ((created_at / 86400000))',
  'short_link_visits_code on short_link_visits (code)',
  'short_link_visits_age on short_link_visits (at)',
];

/**
 * - `short_links`: URLs of ours in the texts of messages, and where they lead. A message and a destination are
 *   not demanded: a link may be asked for without one. `metadata` is JSON.
 * - `short_link_visits`: who followed them, or looked where they lead.
 *
 * The index of an account does not hold the code, for the reason that stands in `0005-lists.ts`. That of a
 * destination does not hold the time: PostgreSQL would use it for an account's links of a time, and read all of
 * the account's entries for each stretch of them. That by age holds days: by the time itself PostgreSQL, where few
 * accounts have links, would walk through everybody's for the newest of one.
 */
export const shortLinks: Migration = {
  number: 12,
  name: 'short links',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('short_links')
      .addColumn('code', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('message_id', text)
      .addColumn('destination', text)
      .addColumn('url', text, (c) => c.notNull())
      .addColumn('metadata', text)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('clicks', integer, (c) => c.notNull())
      .addColumn('views', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('short_link_visits')
      .addColumn('seq', sql.raw(capabilities.countingKey))
      .addColumn('code', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('user_agent', text)
      .addColumn('address', text)
      .execute();
    for (const index of indexes) await sql.raw(`create index ${index}`).execute(db);
  },
};
