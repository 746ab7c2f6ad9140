import { sql } from 'kysely';

import type { Migration } from './migration.ts';

/**
 * - `numbers`: what the owner offers. Whose one is, says `senders`: who has it as a dedicated sender.
 * - `sender_requests`: what accounts ask for before it is a sender. Of one address an account has at most one that
 *   has not ended. Those that waited for a code in `senders` are among them now; its columns `status` and `proof`
 *   stay for nodes of an older release, which read them.
 * - `senders`: what its account notes of it, what it asked for it with, and until when it holds.
 * - `accounts_parent`: an account's sub-accounts.
 */
export const numbers: Migration = {
  number: 11,
  name: 'numbers',
  async up(db, capabilities) {
    const { integer } = capabilities;
    const text = sql.raw(capabilities.text);
    for (const column of ['metadata', 'countries', 'reason']) {
      await db.schema.alterTable('senders').addColumn(column, text).execute();
    }
    await db.schema.alterTable('senders').addColumn('expires_at', integer).execute();
    await db.schema
      .alterTable('senders')
      .addColumn('changed_at', integer, (c) => c.notNull().defaultTo(0))
      .execute();
    await sql`update senders set changed_at = created_at`.execute(db);

    await db.schema
      .createTable('sender_requests')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('address', text, (c) => c.notNull())
      .addColumn('address_key', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('label', text)
      .addColumn('countries', text)
      .addColumn('reason', text)
      .addColumn('life_ms', integer)
      .addColumn('proof', text)
      .addColumn('proof_until', integer)
      .addColumn('tries_left', integer)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('changed_at', integer, (c) => c.notNull())
      .execute();
    // A code held for a day.
    await sql`insert into sender_requests (id, account_id, address, address_key, kind, status, label, proof,
        proof_until, created_at, changed_at)
      select id, account_id, address, address_key, kind, status, label, proof,
        created_at + 86400000, created_at, created_at
      from senders where status = 'pending'`.execute(db);
    await sql`delete from senders where status = 'pending'`.execute(db);
    await sql`create unique index sender_requests_waiting on sender_requests (account_id, address_key)
      where status in ('open', 'pending')`.execute(db);
    await sql`create index sender_requests_proof on sender_requests (proof)
      where proof is not null`.execute(db);
    for (const column of ['account_id', 'status']) {
      await db.schema
        .createIndex(`sender_requests_${column}`)
        .on('sender_requests')
        .columns([column, 'id'])
        .execute();
    }

    await sql`create index accounts_parent on accounts (parent_id)
      where parent_id is not null`.execute(db);

    await db.schema
      .createTable('numbers')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('address_key', text, (c) => c.notNull().unique())
      .addColumn('country', text, (c) => c.notNull())
      .addColumn('type', text, (c) => c.notNull())
      .addColumn('classification', text, (c) => c.notNull())
      .addColumn('capabilities', text, (c) => c.notNull())
      .addColumn('available_after', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
  },
};
