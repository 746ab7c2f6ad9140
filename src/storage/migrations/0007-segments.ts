import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `reply_segments`: segments of long replies until all are there, and for a while after it, to know
 *   repetitions by. `octets` is base64: a character may be cut between two segments.
 * - `parked_receipts.numbers`: the numbers that a receipt names, as JSON; by them a receipt whose id was
 *   used again is told apart. `ids`: all the ids that it may mean, with a row for each of them.
 */
export const segments: Migration = {
  number: 7,
  name: 'segments',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('reply_segments')
      .addColumn('link_id', text, (c) => c.notNull())
      .addColumn('from_number', text, (c) => c.notNull())
      .addColumn('to_address', text, (c) => c.notNull())
      .addColumn('reference', integer, (c) => c.notNull())
      .addColumn('total', integer, (c) => c.notNull())
      .addColumn('number', integer, (c) => c.notNull())
      .addColumn('alphabet', text, (c) => c.notNull())
      .addColumn('octets', text, (c) => c.notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('joined_at', integer)
      .addPrimaryKeyConstraint('reply_segments_key', [
        'link_id',
        'from_number',
        'to_address',
        'reference',
        'total',
        'number',
      ])
      .execute();
    await sql`create index reply_segments_waiting on reply_segments (at)
      where joined_at is null`.execute(db);
    await db.schema.createIndex('reply_segments_age').on('reply_segments').column('at').execute();
    for (const column of ['ids', 'numbers']) {
      await db.schema.alterTable('parked_receipts').addColumn(column, text).execute();
    }
  },
};
