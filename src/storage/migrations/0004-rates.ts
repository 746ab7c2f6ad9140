import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/** So many of a name in a window of time, on all nodes together. */
export const rates: Migration = {
  number: 4,
  name: 'rates',
  async up(db, capabilities) {
    const { integer } = capabilities;
    await db.schema
      .createTable('rates')
      .addColumn('name', sql.raw(capabilities.text), (c) => c.primaryKey().notNull())
      .addColumn('taken', integer, (c) => c.notNull())
      .addColumn('until', integer, (c) => c.notNull())
      .execute();
    await db.schema.createIndex('rates_age').on('rates').column('until').execute();
  },
};
