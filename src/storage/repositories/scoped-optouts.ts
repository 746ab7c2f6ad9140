import { type RawBuilder, sql } from 'kysely';

import type { AccountId } from '../../core/ids.ts';
import { scopeKey } from '../../core/optouts/scope.ts';
import type { ListedOptout, OptoutSearch } from '../../core/ports/audience-storage.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Take, WriteSession } from '../engine.ts';
import { scopedOptoutRow } from '../tables.ts';
import { boundedPage } from './page.ts';

const { columns } = scopedOptoutRow;

/** Asked for messages of accounts that have any, as `optouts` is. */
const ofNumber: Select = { table: 'scoped_optouts', columns, key: ['account_id', 'number'] };
const add: Insert = {
  table: 'scoped_optouts',
  columns: [...columns, 'value_key'],
  unlessExists: ['account_id', 'number', 'kind', 'value_key'],
};
const takeScope: Take = {
  table: 'scoped_optouts',
  columns,
  key: ['account_id', 'number', 'kind', 'value_key'],
};
const takeId: Take = { table: 'scoped_optouts', columns, key: ['id', 'account_id'] };

/**
 * Takes a session that reads; gives the scoped opt-outs' part of `Reads`.
 *
 * EXPLAIN QUERY PLAN (SQLite) of `search`, each side cut to the end of the page before both are put in order
 *   SEARCH optouts USING INDEX optouts_newest (account_id=?)
 *   SEARCH scoped_optouts USING INDEX scoped_optouts_newest (account_id=?)
 *   … of one number: by the primary key of the one and scoped_optouts_key of the other
 */
export function scopedOptoutReads({ kysely, bulk }: Session): Reads['scopedOptouts'] {
  return {
    async of(accountId, numbers) {
      const rows = await bulk.select(
        ofNumber,
        numbers.map((number) => [accountId, number]),
      );
      return rows.map((found) => found.map(scopedOptoutRow.decode));
    },
    async any(accountId) {
      const found = await kysely
        .selectFrom('scoped_optouts')
        .select('id')
        .where('account_id', '=', accountId)
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    async find(accountId, id) {
      const record = await kysely
        .selectFrom('scoped_optouts')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && scopedOptoutRow.fromRecord(record);
    },
    async search(accountId, search, page) {
      const { limit, offset } = boundedPage(page);
      const newest = sql`order by created_at desc, number desc, id desc limit`;
      // What comes after the page of both is after it on its own side, too.
      const some = sidesOf(accountId, search).map(
        (side) => sql`select * from (${side} ${newest} ${offset + limit}) as few`,
      );
      const { rows } = await sql<
        Omit<ListedOptout, 'createdAt' | 'replyId'> & {
          created_at: number;
          reply_id: ListedOptout['replyId'];
        }
      >`
        ${sql.join(some, sql` union all `)} ${newest} ${limit} offset ${offset}`.execute(kysely);
      return rows.map(({ created_at: createdAt, reply_id: replyId, ...row }) => ({
        ...row,
        replyId,
        createdAt,
      }));
    },
    async count(accountId, search) {
      let total = 0;
      for (const side of sidesOf(accountId, search)) {
        const { rows } = await sql<{ count: number }>`
          select count(*) as count from (${side}) as few`.execute(kysely);
        total += rows[0]?.count ?? 0;
      }
      return total;
    },
  };
}

/** Those of everything, and those of a scope, as far as a search asks for them; all with the same columns. */
function sidesOf(accountId: AccountId, search: OptoutSearch): RawBuilder<unknown>[] {
  const { number, kind, value } = search;
  const ofOne = number === undefined ? sql`` : sql` and number = ${number}`;
  const ofKind = kind === undefined ? sql`` : sql` and kind = ${kind}`;
  const ofValue = value === undefined ? sql`` : sql` and value = ${value}`;
  const isForAll = (kind === undefined || kind === 'all') && value === undefined;
  const ofScopes = kind !== 'all';
  return [
    ...(isForAll
      ? [
          sql`select null as id, number, 'all' as kind, null as value, source, reply_id, created_at
            from optouts where account_id = ${accountId}${ofOne}`,
        ]
      : []),
    ...(ofScopes
      ? [
          sql`select id, number, kind, value, source, null as reply_id, created_at
            from scoped_optouts where account_id = ${accountId}${ofOne}${ofKind}${ofValue}`,
        ]
      : []),
  ];
}

/** Takes a session that writes; gives the scoped opt-outs' part of `Tx`. */
export function scopedOptoutWrites({ kysely, bulk }: WriteSession): Tx['scopedOptouts'] {
  return {
    async of(wanted) {
      const rows = await bulk.select(
        ofNumber,
        wanted.map(({ accountId, number }) => [accountId, number]),
      );
      return rows.map((found) => found.map(scopedOptoutRow.decode));
    },
    async add(optouts) {
      const added = await bulk.insert(
        add,
        optouts.map((one) => [...scopedOptoutRow.encode(one), scopeKey(one)]),
      );
      return optouts.filter((_, at) => added[at]);
    },
    async remove(accountId, id) {
      const [rows] = await bulk.take(takeId, [[id, accountId]]);
      const row = rows?.[0];
      return row && scopedOptoutRow.decode(row);
    },
    async removeOf(accountId, number, scopes) {
      const rows = await bulk.take(
        takeScope,
        scopes.map((scope) => [accountId, number, scope.kind, scopeKey(scope)]),
      );
      return rows.flat().map(scopedOptoutRow.decode);
    },
    async clear(accountId, limit) {
      const { numDeletedRows: scoped } = await kysely
        .deleteFrom('scoped_optouts')
        .where('id', 'in', (from) =>
          from
            .selectFrom('scoped_optouts')
            .select('id')
            .where('account_id', '=', accountId)
            .limit(limit),
        )
        .executeTakeFirst();
      const room = limit - Number(scoped);
      if (room <= 0) return limit;
      const { numDeletedRows: all } = await kysely
        .deleteFrom('optouts')
        .where('account_id', '=', accountId)
        .where('number', 'in', (from) =>
          from
            .selectFrom('optouts')
            .select('number')
            .where('account_id', '=', accountId)
            .limit(room),
        )
        .executeTakeFirst();
      return Number(scoped) + Number(all);
    },
  };
}
