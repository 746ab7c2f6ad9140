import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * `messages.upstream_id`: the network's id of a message that is one part and has no row in `parts`. Its index is that of
 * `parts_upstream`, for the receipts of such messages. Older rows keep their parts.
 */
export const loneParts: Migration = {
  number: 26,
  name: 'lone-parts',
  async up(db, capabilities) {
    await db.schema
      .alterTable('messages')
      .addColumn('upstream_id', sql.raw(capabilities.text))
      .execute();
    await sql`create index messages_upstream on messages (link_id, upstream_id, sent_at)
      where upstream_id is not null`.execute(db);
  },
};
