import { sql } from 'kysely';

import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Session, WriteSession } from '../engine.ts';
import { ledgerRow } from '../tables.ts';
import { boundedPage } from './page.ts';

const insert: Insert = { table: 'ledger', columns: ledgerRow.columns };

/** Takes a session that reads; gives the ledger's part of `Reads`. */
export function ledgerReads({ kysely }: Session): Reads['ledger'] {
  return {
    async list(accountId, page) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('ledger')
        .selectAll()
        .where('account_id', '=', accountId)
        .orderBy('seq', 'desc')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(ledgerRow.fromRecord);
    },
    async discrepancies() {
      // Reads every entry: for `parlance doctor`. A balance without entries and entries without a
      // balance are found as well.
      const { rows } = await sql<{ purse: string; balance: number; sum: number }>`
        select purse, cast(sum(balance) as bigint) as balance, cast(sum(entry) as bigint) as sum
        from (
          select account_id as purse, amount as balance, 0 as entry from balances
          union all
          select coalesce(product_id, account_id), 0 as balance, amount as entry from ledger
        ) as movements
        group by purse having sum(balance) <> sum(entry) order by purse`.execute(kysely);
      return rows.map(({ purse, balance, sum }) => ({
        purse: purse as Discrepancy['purse'],
        balance,
        sum,
      }));
    },
  };
}

type Discrepancy = Awaited<ReturnType<Reads['ledger']['discrepancies']>>[number];

/** Takes a session that writes; gives the ledger's part of `Tx`. */
export function ledgerWrites({ bulk, kysely }: WriteSession): Tx['ledger'] {
  return {
    async orderTaken(accountId, orderRef) {
      const found = await kysely
        .selectFrom('ledger')
        .select('id')
        .where('account_id', '=', accountId)
        .where('order_ref', '=', orderRef)
        .executeTakeFirst();
      return found !== undefined;
    },
    async insert(entries) {
      await bulk.insert(insert, entries.map(ledgerRow.encode));
    },
  };
}
