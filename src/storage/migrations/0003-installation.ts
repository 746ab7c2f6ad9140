import { randomUUID } from 'node:crypto';

import { type Kysely, sql } from 'kysely';

import type { Capabilities } from '../engine.ts';
import type { Migration } from './migration.ts';

/**
 * Facts about the installation as a whole, and how far a move into this database has come.
 *
 * Each installation has an id from here on, so that a move can tell whose rows a target holds. A
 * target gives up its own for that of the source.
 */
export const installation: Migration = {
  number: 3,
  name: 'installation',
  async up(db: Kysely<unknown>, capabilities: Capabilities) {
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('installation')
      .addColumn('name', text, (c) => c.primaryKey().notNull())
      .addColumn('value', text, (c) => c.notNull())
      .execute();
    await sql`insert into installation (name, value) values ('id', ${randomUUID()})`.execute(db);
    await db.schema
      .createTable('move_progress')
      .addColumn('table_name', text, (c) => c.primaryKey().notNull())
      .addColumn('last_key', text, (c) => c.notNull())
      .addColumn('rows', capabilities.integer, (c) => c.notNull())
      .addColumn('nuls', capabilities.integer, (c) => c.notNull())
      .execute();
  },
};
