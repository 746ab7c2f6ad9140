import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `messages`: what rules ask of a message beside its addresses (`product`, `channel`, `tags` as JSON), for
 *   it is routed again when a link fails; and what it costs us on the way that was chosen. All of it may be
 *   missing, so that no row is rewritten and nodes of the release before go on.
 * - `link_holders`: what the holder of a link last said of it. `state` is null where that node is of the
 *   release before.
 */
export const routing: Migration = {
  number: 6,
  name: 'routing',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    // One column a statement: SQLite takes no more.
    for (const column of ['product', 'channel', 'tags']) {
      await db.schema.alterTable('messages').addColumn(column, text).execute();
    }
    await db.schema.alterTable('messages').addColumn('cost', integer).execute();

    await db.schema.alterTable('link_holders').addColumn('state', text).execute();
    for (const column of ['since', 'demoted_since', 'receipts', 'failures']) {
      await db.schema.alterTable('link_holders').addColumn(column, integer).execute();
    }
  },
};
