import type { PurseId } from '../../core/ids.ts';
import type { Millicredits } from '../../core/money.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Select, Session, Update, WriteSession } from '../engine.ts';
import { accountRow } from '../tables.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const lockBalance: Select = {
  table: 'balances',
  columns: ['amount'],
  key: ['account_id'],
  lock: 'wait',
};

const setBalance: Update = { table: 'balances', key: ['account_id'], set: ['amount'] };

const debit: Update = { table: 'balances', key: ['account_id'], set: [], spend: 'amount' };

/** Takes a session that reads; gives the accounts' part of `Reads`. */
export function accountReads({ kysely }: Session): Reads['accounts'] {
  const accounts = () => kysely.selectFrom('accounts').selectAll();
  return {
    async find(id) {
      const record = await accounts().where('id', '=', id).executeTakeFirst();
      return record && accountRow.fromRecord(record);
    },
    async findByName(name) {
      const record = await accounts().where('name', '=', name).executeTakeFirst();
      return record && accountRow.fromRecord(record);
    },
    async list(page) {
      const { limit, offset } = boundedPage(page);
      const records = await accounts().orderBy('name').limit(limit).offset(offset).execute();
      return records.map(accountRow.fromRecord);
    },
    async balance(id) {
      const record = await kysely
        .selectFrom('balances')
        .select('amount')
        .where('account_id', '=', id)
        .executeTakeFirst();
      return record?.amount;
    },
    async subAccounts(parentId, limit) {
      const page = boundedPage({ limit, offset: 0 });
      const records = await accounts()
        .where('parent_id', '=', parentId)
        .orderBy('name')
        .limit(page.limit)
        .execute();
      return records.map(accountRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the accounts' part of `Tx`. */
export function accountWrites({ kysely, bulk }: WriteSession): Tx['accounts'] {
  return {
    async insert(account) {
      const inserted = await kysely
        .insertInto('accounts')
        .values(accountRow.toRecord(account))
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `There is an account '${account.name}' already.`);
      await kysely
        .insertInto('balances')
        .values({ account_id: account.id, amount: 0 as Millicredits })
        .execute();
    },
    async update(account) {
      const { id, ...changes } = accountRow.toRecord(account);
      await kysely.updateTable('accounts').set(changes).where('id', '=', id).execute();
    },
    async lockBalances(ids) {
      const rows = await bulk.select(
        lockBalance,
        ids.map((id) => [id]),
      );
      const balances = new Map<PurseId, Millicredits>();
      ids.forEach((id, at) => {
        const row = rows[at]?.[0];
        if (row) balances.set(id, row[0] as Millicredits);
      });
      return balances;
    },
    async debit(amounts) {
      const purses = [...amounts.keys()];
      const paid = await bulk.update(
        debit,
        [...amounts].map(([id, amount]) => [id, amount]),
      );
      return purses.filter((_, at) => !paid[at]);
    },
    async setBalances(balances) {
      await bulk.update(
        setBalance,
        [...balances].map(([id, amount]) => [amount, id]),
      );
    },
  };
}
