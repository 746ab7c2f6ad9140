import type { Migration } from './migration.ts';

/** `messages.flash`: 1 where it is to be shown at once. */
export const flash: Migration = {
  number: 19,
  name: 'flash',
  async up(db, { integer }) {
    await db.schema
      .alterTable('messages')
      .addColumn('flash', integer, (c) => c.notNull().defaultTo(0))
      .execute();
  },
};
