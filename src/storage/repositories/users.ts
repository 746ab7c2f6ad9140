import type { AccountId, UserId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { StoredUser } from '../../core/users/user.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { userRow, userSessionRow, userTokenRow } from '../tables.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const columns = userRow.columns;
const lock: Select = { table: 'users', columns, key: ['id'], lock: 'wait' };
const lockOwners: Select = {
  table: 'users',
  columns,
  key: ['scope'],
  where: "role = 'owner' and status = 'active'",
  orderBy: 'id',
  lock: 'wait',
};

const scopeOf = (accountId: AccountId | null): string => accountId ?? '';

/** Takes a session that reads; gives the users' part of `Reads`. */
export function userReads({ kysely }: Session): Reads['users'] {
  const users = () => kysely.selectFrom('users').selectAll();
  return {
    async find(id) {
      const record = await users().where('id', '=', id).executeTakeFirst();
      return record && userRow.fromRecord(record);
    },
    async findActivated(email) {
      const record = await users()
        .where('email', '=', email)
        .where('status', '<>', 'invited')
        .executeTakeFirst();
      return record && userRow.fromRecord(record);
    },
    async invited(email, limit) {
      const records = await users()
        .where('email', '=', email)
        .where('status', '=', 'invited')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return records.map(userRow.fromRecord);
    },
    async list(accountId, page) {
      const { limit, offset } = boundedPage(page);
      const records = await users()
        .where('scope', '=', scopeOf(accountId))
        .orderBy('email')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(userRow.fromRecord);
    },
    async all(page) {
      const { limit, offset } = boundedPage(page);
      const ordered = users().orderBy('email').orderBy('id');
      const records = await ordered.limit(limit).offset(offset).execute();
      return records.map(userRow.fromRecord);
    },
    async token(digest) {
      const record = await kysely
        .selectFrom('user_tokens')
        .selectAll()
        .where('digest', '=', digest)
        .executeTakeFirst();
      return record && userTokenRow.fromRecord(record);
    },
    async session(digest) {
      const record = await kysely
        .selectFrom('user_sessions')
        .selectAll()
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (!record) return undefined;
      const session = userSessionRow.fromRecord(record);
      const user = await users().where('id', '=', session.userId).executeTakeFirst();
      return user && { session, user: userRow.fromRecord(user) };
    },
  };
}

/** Takes a session that writes; gives the users' part of `Tx`. */
export function userWrites({ kysely, bulk, hold }: WriteSession): Tx['users'] {
  /** What the row says beside its keys. */
  const values = (user: StoredUser) => {
    const { id: _id, account_id: _account, email: _email, ...rest } = userRow.toRecord(user);
    return rest;
  };
  const dropTokens = async (userId: UserId) => {
    await kysely.deleteFrom('user_tokens').where('user_id', '=', userId).execute();
  };
  const dropSessions = async (userId: UserId, except = '') => {
    const { numDeletedRows } = await kysely
      .deleteFrom('user_sessions')
      .where('user_id', '=', userId)
      .where('digest', '<>', except)
      .executeTakeFirst();
    return Number(numDeletedRows);
  };
  return {
    async insert(user) {
      const inserted = await kysely
        .insertInto('users')
        .values({ ...userRow.toRecord(user), scope: scopeOf(user.accountId) })
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, 'There is a user of this address already.');
    },
    async lock(id) {
      const [rows] = await bulk.select(lock, [[id]]);
      const row = rows?.[0];
      return row && userRow.decode(row);
    },
    async lockOwners(accountId) {
      const [rows] = await bulk.select(lockOwners, [[scopeOf(accountId)]]);
      return (rows ?? []).map(userRow.decode);
    },
    async count(accountId) {
      const { count } = await kysely
        .selectFrom('users')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('scope', '=', scopeOf(accountId))
        .executeTakeFirstOrThrow();
      return count;
    },
    async save(user) {
      await kysely.updateTable('users').set(values(user)).where('id', '=', user.id).execute();
    },
    async activate(user) {
      // Of two accounts' users of one address who activate at once the second waits, and sees the first.
      await hold([`user ${user.email}`], 'alone');
      const { numUpdatedRows } = await kysely
        .updateTable('users')
        .set(values(user))
        .where('id', '=', user.id)
        .where((where) =>
          where.not(
            where.exists(
              where
                .selectFrom('users as other')
                .select('other.id')
                .where('other.email', '=', user.email)
                .where('other.status', '<>', 'invited'),
            ),
          ),
        )
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async remove(id) {
      await dropTokens(id);
      await dropSessions(id);
      const { numDeletedRows } = await kysely
        .deleteFrom('users')
        .where('id', '=', id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async insertToken(token) {
      await kysely.insertInto('user_tokens').values(userTokenRow.toRecord(token)).execute();
    },
    async takeToken(digest) {
      const record = await kysely
        .deleteFrom('user_tokens')
        .where('digest', '=', digest)
        .returningAll()
        .executeTakeFirst();
      return record && userTokenRow.fromRecord(record);
    },
    dropTokens,
    async insertSession(session) {
      await kysely.insertInto('user_sessions').values(userSessionRow.toRecord(session)).execute();
    },
    async touchSession({ digest, seenAt, expiresAt }) {
      await kysely
        .updateTable('user_sessions')
        .set({ seen_at: seenAt, expires_at: expiresAt })
        .where('digest', '=', digest)
        .execute();
    },
    async dropSession(digest) {
      const { numDeletedRows } = await kysely
        .deleteFrom('user_sessions')
        .where('digest', '=', digest)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    dropSessions,
  };
}
