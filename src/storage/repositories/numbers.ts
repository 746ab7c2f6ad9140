import { sql } from 'kysely';

import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { HeldNumber } from '../../core/senders/pool-number.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { numberRow } from '../tables.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const ofKey: Select = { table: 'numbers', columns: numberRow.columns, key: ['address_key'] };

const locked: Select = {
  table: 'numbers',
  columns: numberRow.columns,
  key: ['id'],
  lock: 'wait',
};

/** Who has a number is who has it as a dedicated sender: it is written down nowhere else. */
const isFree = sql<boolean>`not exists (
  select 1 from senders where kind = 'dedicated' and address_key = numbers.address_key)`;

/** Takes a session that reads; gives the numbers' part of `Reads`. */
export function numberReads({ kysely, bulk }: Session): Reads['numbers'] {
  const held = () =>
    kysely
      .selectFrom('numbers')
      .leftJoin('senders', (join) =>
        join
          .onRef('senders.address_key', '=', 'numbers.address_key')
          .on('senders.kind', '=', sql.lit('dedicated')),
      )
      .selectAll('numbers')
      .select('senders.account_id');
  return {
    async available({ now, after, country, types, capabilities = [], digits, limit }) {
      if (types?.length === 0 || /\D/.test(digits ?? '')) return [];
      let query = kysely
        .selectFrom('numbers')
        .selectAll()
        .where('available_after', '<=', now)
        .where(isFree);
      if (after !== null) query = query.where('id', '>', after);
      if (country !== undefined) query = query.where('country', '=', country);
      if (types !== undefined) query = query.where('type', 'in', types);
      // As each stands in the JSON of the column.
      for (const one of capabilities) query = query.where('capabilities', 'like', `%"${one}"%`);
      if (digits !== undefined) query = query.where('address_key', 'like', `%${digits}%`);
      const page = boundedPage({ limit, offset: 0 });
      const records = await query.orderBy('id').limit(page.limit).execute();
      return records.map(numberRow.fromRecord);
    },
    async find(id) {
      const record = await held().where('numbers.id', '=', id).executeTakeFirst();
      return record && heldNumber(record);
    },
    async ofKeys(keys) {
      const rows = await bulk.select(
        ofKey,
        keys.map((key) => [key]),
      );
      return rows.map(([row]) => row && numberRow.decode(row));
    },
    async list(page) {
      const { limit, offset } = boundedPage(page);
      const records = await held().orderBy('numbers.id').limit(limit).offset(offset).execute();
      return records.map(heldNumber);
    },
  };
}

function heldNumber(record: { account_id: HeldNumber['accountId'] }): HeldNumber {
  return { ...numberRow.fromRecord(record), accountId: record.account_id };
}

/** Takes a session that writes; gives the numbers' part of `Tx`. */
export function numberWrites({ kysely, bulk }: WriteSession): Tx['numbers'] {
  return {
    async insert(number) {
      const inserted = await kysely
        .insertInto('numbers')
        .values({ ...numberRow.toRecord(number), address_key: senderKey(number.number) })
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `The number ${number.number} is offered already.`);
    },
    async lock(id) {
      const [rows] = await bulk.select(locked, [[id]]);
      const row = rows?.[0];
      return row && numberRow.decode(row);
    },
    async count() {
      const { count } = await kysely
        .selectFrom('numbers')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return count;
    },
    async remove(id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('numbers')
        .where('id', '=', id)
        .where(isFree)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
