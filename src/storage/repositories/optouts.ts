import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, WriteSession } from '../engine.ts';
import { optoutRow } from '../tables.ts';
import { boundedPage } from './page.ts';

/**
 * Asked for every message, by the connection that writes: the other one would throw its cached pages
 * away after each commit, which made this select a sixth of a request's processor time.
 */
const ofNumber: Select = { table: 'optouts', columns: ['number'], key: ['account_id', 'number'] };

const add: Insert = {
  table: 'optouts',
  columns: optoutRow.columns,
  unlessExists: ['account_id', 'number'],
};

/** Takes a session that reads; gives the opt-outs' part of `Reads`. */
export function optoutReads({ kysely, bulk }: Session): Reads['optouts'] {
  return {
    async list(accountId, page) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('optouts')
        .selectAll()
        .where('account_id', '=', accountId)
        .orderBy('created_at', 'desc')
        .orderBy('number', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(optoutRow.fromRecord);
    },
    async numbersAfter(accountId, number, limit) {
      let query = kysely.selectFrom('optouts').select('number').where('account_id', '=', accountId);
      if (number !== null) query = query.where('number', '>', number);
      const page = boundedPage({ limit, offset: 0 });
      const records = await query.orderBy('number').limit(page.limit).execute();
      return records.map((record) => record.number);
    },
    async matching(accountId, numbers) {
      const rows = await bulk.select(
        ofNumber,
        numbers.map((number) => [accountId, number]),
      );
      return rows.map((found) => found.length > 0);
    },
  };
}

/** Takes a session that writes; gives the opt-outs' part of `Tx`. */
export function optoutWrites({ kysely, bulk }: WriteSession): Tx['optouts'] {
  return {
    async matching(wanted) {
      const rows = await bulk.select(
        ofNumber,
        wanted.map(({ accountId, number }) => [accountId, number]),
      );
      return rows.map((found) => found.length > 0);
    },
    async add(optouts) {
      const added = await bulk.insert(add, optouts.map(optoutRow.encode));
      return optouts.filter((_, at) => added[at]);
    },
    async remove(accountId, number) {
      const { numDeletedRows } = await kysely
        .deleteFrom('optouts')
        .where('account_id', '=', accountId)
        .where('number', '=', number)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
