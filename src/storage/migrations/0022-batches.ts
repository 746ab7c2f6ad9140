import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * `campaigns.batch_from`, `batch_at`: where and when the batch under way began. It was the stretch from which the rate
 * is reckoned, and so each pause began another one.
 */
export const batches: Migration = {
  number: 22,
  name: 'batches',
  async up(db, { integer }) {
    await db.schema
      .alterTable('campaigns')
      .addColumn('batch_from', integer, (c) => c.notNull().defaultTo(0))
      .execute();
    await db.schema.alterTable('campaigns').addColumn('batch_at', integer).execute();
    await sql`
      update campaigns set batch_from = stretch_from, batch_at = stretch_at
      where batch_size is not null`.execute(db);
  },
};
