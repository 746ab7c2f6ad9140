import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * Who serves this database, and who holds which link. Small tables that are written every few
 * seconds and looked at as a whole: no index but their keys.
 *
 * `link_holders` has a row for each place that a link ever gave, so a place is taken by a single
 * statement that the key decides.
 */
export const nodes: Migration = {
  number: 2,
  name: 'nodes',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('nodes')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('roles', text, (c) => c.notNull())
      .addColumn('version', text, (c) => c.notNull())
      .addColumn('home', text, (c) => c.notNull())
      .addColumn('started_at', integer, (c) => c.notNull())
      .addColumn('seen_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('link_holders')
      .addColumn('link_id', text, (c) => c.notNull())
      .addColumn('slot', integer, (c) => c.notNull())
      .addColumn('node_id', text, (c) => c.notNull())
      .addColumn('until', integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('link_holders_key', ['link_id', 'slot'])
      .execute();
  },
};
