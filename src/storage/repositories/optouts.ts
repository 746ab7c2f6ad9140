import type { E164 } from '../../text/phone-number.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, WriteSession } from '../engine.ts';
import { optoutRow } from '../tables.ts';
import { boundedPage } from './page.ts';

/** Asked for every message. */
const ofNumber: Select = { table: 'optouts', columns: ['number'], key: ['account_id', 'number'] };

const add: Insert = {
  table: 'optouts',
  columns: optoutRow.columns,
  unlessExists: ['account_id', 'number'],
};

/** Takes a session that reads; gives the opt-outs' part of `Reads`. */
export function optoutReads({ kysely, bulk }: Session): Reads['optouts'] {
  return {
    async matching(accountId, numbers) {
      const rows = await bulk.select(
        ofNumber,
        numbers.map((number) => [accountId, number]),
      );
      const matching = new Set<E164>();
      for (const [row] of rows) if (row) matching.add(row[0] as E164);
      return matching;
    },
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
  };
}

/** Takes a session that writes; gives the opt-outs' part of `Tx`. */
export function optoutWrites({ kysely, bulk }: WriteSession): Tx['optouts'] {
  return {
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
