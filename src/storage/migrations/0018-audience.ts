import { sql } from 'kysely';

import type { Migration } from './migration.ts';

const indexes = [
  'unique index scoped_optouts_key on scoped_optouts (account_id, number, kind, value_key)',
  'index scoped_optouts_newest on scoped_optouts (account_id, created_at)',
  'unique index templates_alias on templates (account_id, alias)',
  'index templates_sender on templates (account_id, sender_key)',
  'index templates_account on templates (account_id, id)',
  'unique index template_blocks_key on template_blocks (account_id, external_id)',
  'index template_blocks_account on template_blocks (account_id, id)',
  'index verifications_age on verifications (expires_at)',
  'index contacts_account on contacts (account_id, id)',
  'index contact_identifiers_contact on contact_identifiers (contact_id)',
  'unique index contact_groups_key on contact_groups (account_id, kind, name_key)',
  'index contact_members_contact on contact_members (contact_id)',
  'index contact_imports_account on contact_imports (account_id, id)',
];

/**
 * Who is written to, and what:
 * - `scoped_optouts`: numbers that must not be sent what carries a tag, is of a product, or shows a sender. They
 *   stand apart from `optouts`, which nodes of an older release read.
 * - `templates`, and `template_blocks`: ids of a register that an account must not send by.
 * - `verifications`: one-time passwords, as digests.
 * - `contacts`, what they are known by, what they have in common and who has left that, and what became of lists
 *   that were brought in. `attributes` and `faults` are JSON.
 */
export const audience: Migration = {
  number: 18,
  name: 'audience',
  async up(db, capabilities) {
    const { integer, clusteredTables } = capabilities;
    const text = sql.raw(capabilities.text);
    await db.schema
      .createTable('scoped_optouts')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('value', text, (c) => c.notNull())
      .addColumn('value_key', text, (c) => c.notNull())
      .addColumn('source', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('templates')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('alias', text, (c) => c.notNull())
      .addColumn('body', text, (c) => c.notNull())
      .addColumn('sender', text, (c) => c.notNull())
      .addColumn('sender_key', text, (c) => c.notNull())
      .addColumn('external_id', text)
      .addColumn('type', text)
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('changed_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('template_blocks')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('external_id', text, (c) => c.notNull())
      .addColumn('active', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('verifications')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('number', text, (c) => c.notNull())
      .addColumn('sender', text, (c) => c.notNull())
      .addColumn('message_id', text, (c) => c.notNull())
      .addColumn('code', text, (c) => c.notNull())
      .addColumn('tries_left', integer, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('client_ref', text)
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('expires_at', integer, (c) => c.notNull())
      .addColumn('done_at', integer)
      .execute();

    await db.schema
      .createTable('contacts')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('name', text)
      .addColumn('attributes', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('changed_at', integer, (c) => c.notNull())
      .execute();
    const identifiers = db.schema
      .createTable('contact_identifiers')
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('value', text, (c) => c.notNull())
      .addColumn('contact_id', text, (c) => c.notNull())
      .addPrimaryKeyConstraint('contact_identifiers_key', ['account_id', 'kind', 'value']);
    const members = db.schema
      .createTable('contact_members')
      .addColumn('group_id', text, (c) => c.notNull())
      .addColumn('contact_id', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('changed_at', integer, (c) => c.notNull())
      .addPrimaryKeyConstraint('contact_members_key', ['group_id', 'contact_id']);
    for (const table of [identifiers, members]) {
      await (clusteredTables ? table.modifyEnd(sql`without rowid`) : table).execute();
    }
    await db.schema
      .createTable('contact_groups')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('name_key', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
    await db.schema
      .createTable('contact_imports')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text, (c) => c.notNull())
      .addColumn('group_id', text)
      .addColumn('rows', integer, (c) => c.notNull())
      .addColumn('added', integer, (c) => c.notNull())
      .addColumn('known', integer, (c) => c.notNull())
      .addColumn('faults', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .execute();
    for (const index of indexes) await sql.raw(`create ${index}`).execute(db);
  },
};
