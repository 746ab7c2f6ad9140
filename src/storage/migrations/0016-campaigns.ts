import { sql } from 'kysely';

import type { Migration } from './migration.ts';

const indexes = [
  'campaigns_account on campaigns (account_id, id desc)',
  "campaigns_due on campaigns (due_at) where state = 'running' or state = 'scheduled'",
  'campaigns_under_way on campaigns (state, changed_at) where done_at is null',
];

/**
 * - `campaigns`: one text to the rows of a file, and how far it has come.
 * - `campaign_pages`: rows that wait to be sent, some hundreds in one row, as JSON: half a million rows of a table
 *   would take ten times as long to write, and nobody asks for one of them alone. They go when their campaign ends.
 * - `campaign_errors`: lines that were not sent, and why.
 */
export const campaigns: Migration = {
  number: 16,
  name: 'campaigns',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('campaigns')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('state', text, (c) => c.notNull())
      .addColumn('reason', text)
      .addColumn('channel', text, (c) => c.notNull())
      .addColumn('sender', text, (c) => c.notNull())
      .addColumn('text', text, (c) => c.notNull())
      .addColumn('medium', text, (c) => c.notNull())
      .addColumn('product', text)
      .addColumn('tags', text)
      .addColumn('extras', text)
      .addColumn('shorten', integer, (c) => c.notNull())
      .addColumn('header', integer, (c) => c.notNull())
      .addColumn('to_column', text)
      .addColumn('columns', text)
      .addColumn('rows', integer, (c) => c.notNull())
      .addColumn('broken', integer, (c) => c.notNull())
      .addColumn('stored', integer, (c) => c.notNull())
      .addColumn('cursor', integer, (c) => c.notNull())
      .addColumn('sent', integer, (c) => c.notNull())
      .addColumn('refused', integer, (c) => c.notNull())
      .addColumn('parts', integer, (c) => c.notNull())
      .addColumn('price', integer, (c) => c.notNull())
      .addColumn('scheduled_at', integer)
      .addColumn('batch_size', integer)
      .addColumn('batch_every_ms', integer)
      .addColumn('stretch_from', integer, (c) => c.notNull())
      .addColumn('stretch_at', integer)
      .addColumn('due_at', integer, (c) => c.notNull())
      .addColumn('locked_by', text)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('changed_at', integer, (c) => c.notNull())
      .addColumn('started_at', integer)
      .addColumn('done_at', integer)
      .execute();
    await db.schema
      .createTable('campaign_pages')
      .addColumn('campaign_id', text, (c) => c.notNull())
      .addColumn('first', integer, (c) => c.notNull())
      .addColumn('rows', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('campaign_pages_key', ['campaign_id', 'first'])
      .execute();
    await db.schema
      .createTable('campaign_errors')
      .addColumn('campaign_id', text, (c) => c.notNull())
      .addColumn('line', integer, (c) => c.notNull())
      .addColumn('code', text, (c) => c.notNull())
      .addColumn('detail', text, (c) => c.notNull())
      .addColumn('number', text)
      .addPrimaryKeyConstraint('campaign_errors_key', ['campaign_id', 'line'])
      .execute();
    for (const index of indexes) await sql.raw(`create index ${index}`).execute(db);
  },
};
