import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/** `parked_receipts.until`: the instant from which a receipt waits for its answer no longer; null: as long as it is kept. */
export const waitingReceipts: Migration = {
  number: 25,
  name: 'waiting-receipts',
  async up(db, { integer }) {
    await db.schema.alterTable('parked_receipts').addColumn('until', integer).execute();
    await sql`
      create index parked_receipts_until on parked_receipts (until)
      where until is not null`.execute(db);
  },
};
