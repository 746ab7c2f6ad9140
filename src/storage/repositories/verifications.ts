import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { verificationRow } from '../tables.ts';

const locked: Select = {
  table: 'verifications',
  columns: verificationRow.columns,
  key: ['id', 'account_id'],
  lock: 'wait',
};

/** Takes a session that reads; gives the verifications' part of `Reads`. */
export function verificationReads({ kysely }: Session): Reads['verifications'] {
  return {
    async find(accountId, id) {
      const record = await kysely
        .selectFrom('verifications')
        .selectAll()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && verificationRow.fromRecord(record);
    },
  };
}

/** Takes a session that writes; gives the verifications' part of `Tx`. */
export function verificationWrites({ kysely, bulk }: WriteSession): Tx['verifications'] {
  return {
    async insert(verification) {
      const values = verificationRow.toRecord(verification);
      await kysely.insertInto('verifications').values(values).execute();
    },
    async lock(accountId, id) {
      const [rows] = await bulk.select(locked, [[id, accountId]]);
      const row = rows?.[0];
      return row && verificationRow.decode(row);
    },
    async save({ id, triesLeft, status, doneAt }) {
      await kysely
        .updateTable('verifications')
        .set({ tries_left: triesLeft, status, done_at: doneAt })
        .where('id', '=', id)
        .execute();
    },
    async remove(accountId, id) {
      await kysely
        .deleteFrom('verifications')
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .execute();
    },
  };
}
