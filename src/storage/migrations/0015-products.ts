import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `products`: what accounts are offered at prices of their own. Their balances stand in `balances` under their own
 *   ids, which sort behind those of all accounts.
 * - `messages.product_id`, `ledger.product_id`: from, and into, whose purse.
 */
export const products: Migration = {
  number: 15,
  name: 'products',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('products')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('code', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('price_per_part', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('removed_at', integer)
      .addUniqueConstraint('products_code', ['account_id', 'code'])
      .execute();
    for (const table of ['messages', 'ledger']) {
      await db.schema.alterTable(table).addColumn('product_id', text).execute();
    }
  },
};
