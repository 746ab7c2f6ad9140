import type { Millicredits } from '../../core/money.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';
import { productRow } from '../tables.ts';

/** Takes a session that reads; gives the products' part of `Reads`. */
export function productReads({ kysely }: Session): Reads['products'] {
  return {
    async ofAccount(accountId) {
      const records = await kysely
        .selectFrom('products')
        .innerJoin('balances', 'balances.account_id', 'products.id')
        .selectAll('products')
        .select('balances.amount')
        .where('products.account_id', '=', accountId)
        .orderBy('code')
        .execute();
      return records.map(({ amount, ...record }) => ({
        product: productRow.fromRecord(record),
        balance: amount,
      }));
    },
  };
}

/** Takes a session that writes; gives the products' part of `Tx`. */
export function productWrites({ kysely }: WriteSession): Tx['products'] {
  return {
    async ofAccount(accountId) {
      const records = await kysely
        .selectFrom('products')
        .selectAll()
        .where('account_id', '=', accountId)
        .orderBy('code')
        .execute();
      return records.map(productRow.fromRecord);
    },
    async insert(product) {
      await kysely.insertInto('products').values(productRow.toRecord(product)).execute();
      const purse = { account_id: product.id, amount: 0 as Millicredits };
      await kysely.insertInto('balances').values(purse).execute();
    },
    async update(product) {
      const { name, price_per_part, removed_at } = productRow.toRecord(product);
      await kysely
        .updateTable('products')
        .set({ name, price_per_part, removed_at })
        .where('id', '=', product.id)
        .execute();
    },
  };
}
