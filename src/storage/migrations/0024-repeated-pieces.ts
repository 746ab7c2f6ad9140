import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * A gathering that has become whole stays for a while, so that a piece which comes again is known for one:
 * `done_at` since when, `digests` of its pieces as JSON. What has not, is counted for each account, and what has is
 * looked for by its age: an index for either.
 */
export const repeatedPieces: Migration = {
  number: 24,
  name: 'repeated-pieces',
  async up(db, capabilities) {
    const text = sql.raw(capabilities.text);
    await db.schema.alterTable('gatherings').addColumn('done_at', capabilities.integer).execute();
    await db.schema
      .alterTable('gatherings')
      .addColumn('digests', text, (c) => c.notNull().defaultTo('[]'))
      .execute();
    await sql`drop index gatherings_age`.execute(db);
    await sql`create index gatherings_age on gatherings (created_at) where done_at is null`.execute(
      db,
    );
    await sql`create index gatherings_open on gatherings (account_id) where done_at is null`.execute(
      db,
    );
    await sql`create index gatherings_done on gatherings (done_at) where done_at is not null`.execute(
      db,
    );
  },
};
