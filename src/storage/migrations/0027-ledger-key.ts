import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * `ledger.seq` without `autoincrement`, where SQLite has it. That keeps the numbers of deleted rows from being given again,
 * in a table of its own which every insert reads and writes: a page of each commit, and 4 to 10 % of the rate at which
 * single messages are taken in (five comparisons in turns, 30 to 40 rounds each). Nothing is ever deleted from the ledger.
 * An older one is written anew, in its order: a million entries take three to four seconds.
 */
export const ledgerKey: Migration = {
  number: 27,
  name: 'ledger-key',
  async up(db, { keptKey, countingKey, integer, ...capabilities }) {
    if (keptKey === countingKey) return;
    const text = sql.raw(capabilities.text);
    await sql`drop index ledger_order`.execute(db);
    await db.schema.alterTable('ledger').renameTo('ledger_before').execute();
    await db.schema
      .createTable('ledger')
      .addColumn('seq', sql.raw(keptKey))
      .addColumn('id', text, (c) => c.notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('amount', integer, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('submission_id', text)
      .addColumn('message_id', text)
      .addColumn('note', text)
      .addColumn('product_id', text)
      .addColumn('order_ref', text)
      .execute();
    await sql`insert into ledger select * from ledger_before order by seq`.execute(db);
    await db.schema.dropTable('ledger_before').execute();
    await sql`create unique index ledger_order on ledger (account_id, order_ref)
      where order_ref is not null`.execute(db);
  },
};
