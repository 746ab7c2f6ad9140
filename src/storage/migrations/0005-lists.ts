import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * Lists of an account go by the time at which things were made, and their indexes no longer hold the id.
 * An index that holds the id in second place was used by PostgreSQL to look a message up by its id, where a
 * plan was made while a week's table was empty: all of the index was read then, for every message, until
 * somebody analysed the table. Half as wide, it is also cheaper to write on both engines.
 */
export const lists: Migration = {
  number: 5,
  name: 'lists',
  async up(db) {
    for (const table of ['messages', 'notifications']) {
      await sql`drop index ${sql.table(`${table}_account`)}`.execute(db);
      await sql`create index ${sql.ref(`${table}_account`)} on ${sql.table(table)}
        (account_id, created_at)`.execute(db);
    }
  },
};
