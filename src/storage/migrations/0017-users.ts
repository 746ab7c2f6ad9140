import { sql } from 'kysely';

import type { Migration } from './migration.ts';

const indexes = [
  "unique index users_activated on users (email) where status <> 'invited'",
  'index users_email on users (email)',
  'index user_tokens_user on user_tokens (user_id)',
  'index user_tokens_age on user_tokens (expires_at)',
  'index user_sessions_user on user_sessions (user_id)',
  'index user_sessions_age on user_sessions (expires_at)',
  "index mails_due on mails (due_at, id) where status = 'pending'",
  'index mails_age on mails (done_at)',
  'index audit_account on audit (account_id, id)',
];

/**
 * - `users`: people who log in. `scope` is `account_id`, or empty for the owner's own: an address is there once.
 * - `user_tokens`: what came by mail and lets its bearer choose a password, as digests.
 * - `user_sessions`: log-ins, as digests of what their cookies hold.
 * - `mails`: the outbox of mail, without what the mails say.
 * - `audit`: what was changed by whom. `details` is JSON.
 */
export const users: Migration = {
  number: 17,
  name: 'users',
  async up(db, { integer, text: words }) {
    const text = sql.raw(words);
    await db.schema
      .createTable('users')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('account_id', text)
      .addColumn('scope', text, (c) => c.notNull())
      .addColumn('email', text, (c) => c.notNull())
      .addColumn('name', text, (c) => c.notNull())
      .addColumn('role', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('last_login_at', integer)
      .addColumn('two_factor_since', integer)
      .addColumn('password', text)
      .addColumn('totp', text)
      .addColumn('totp_step', integer, (c) => c.notNull())
      .addColumn('recovery_codes', text, (c) => c.notNull())
      .addUniqueConstraint('users_scope', ['scope', 'email'])
      .execute();

    await db.schema
      .createTable('user_tokens')
      .addColumn('digest', text, (c) => c.primaryKey().notNull())
      .addColumn('user_id', text, (c) => c.notNull())
      .addColumn('purpose', text, (c) => c.notNull())
      .addColumn('expires_at', integer, (c) => c.notNull())
      .execute();

    await db.schema
      .createTable('user_sessions')
      .addColumn('digest', text, (c) => c.primaryKey().notNull())
      .addColumn('user_id', text, (c) => c.notNull())
      .addColumn('stage', text, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('seen_at', integer, (c) => c.notNull())
      .addColumn('expires_at', integer, (c) => c.notNull())
      .addColumn('ends_at', integer, (c) => c.notNull())
      .addColumn('address', text)
      .execute();

    await db.schema
      .createTable('mails')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('kind', text, (c) => c.notNull())
      .addColumn('user_id', text)
      .addColumn('email', text, (c) => c.notNull())
      .addColumn('status', text, (c) => c.notNull())
      .addColumn('attempts', integer, (c) => c.notNull())
      .addColumn('due_at', integer, (c) => c.notNull())
      .addColumn('locked_by', text)
      .addColumn('expires_at', integer, (c) => c.notNull())
      .addColumn('created_at', integer, (c) => c.notNull())
      .addColumn('done_at', integer)
      .addColumn('error', text)
      .execute();

    await db.schema
      .createTable('audit')
      .addColumn('id', text, (c) => c.primaryKey().notNull())
      .addColumn('at', integer, (c) => c.notNull())
      .addColumn('account_id', text)
      .addColumn('actor_kind', text, (c) => c.notNull())
      .addColumn('actor_id', text)
      .addColumn('actor_name', text, (c) => c.notNull())
      .addColumn('address', text)
      .addColumn('action', text, (c) => c.notNull())
      .addColumn('subject', text, (c) => c.notNull())
      .addColumn('details', text, (c) => c.notNull())
      .execute();

    for (const index of indexes) await sql.raw(`create ${index}`).execute(db);
  },
};
