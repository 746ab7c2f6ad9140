import type { Migration } from './migration.ts';

/** `campaigns.keeps_refused`: 1 where rows that are refused become messages that have failed. */
export const keptRefusals: Migration = {
  number: 23,
  name: 'kept-refusals',
  async up(db, { integer }) {
    await db.schema
      .alterTable('campaigns')
      .addColumn('keeps_refused', integer, (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
