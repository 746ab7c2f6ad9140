import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * `ledger.order_ref`: what a giver calls his gift, which is given once: it stands with the money that came, so that
 * there is never one without the other.
 */
export const orders: Migration = {
  number: 21,
  name: 'orders',
  async up(db, { text }) {
    await db.schema.alterTable('ledger').addColumn('order_ref', sql.raw(text)).execute();
    await sql`create unique index ledger_order on ledger (account_id, order_ref)
      where order_ref is not null`.execute(db);
  },
};
