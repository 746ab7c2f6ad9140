import type { Reads, Tx } from '../../core/ports/storage.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { senderRequestRow } from '../tables.ts';
import { countOf } from './count-of.ts';
import { boundedPage } from './page.ts';
import { requireNew } from './require-new.ts';

const locked: Select = {
  table: 'sender_requests',
  columns: senderRequestRow.columns,
  key: ['id'],
  lock: 'wait',
};

/** Takes a session that reads; gives the sender requests' part of `Reads`. */
export function senderRequestReads({ kysely }: Session): Reads['senderRequests'] {
  const requests = () => kysely.selectFrom('sender_requests').selectAll();
  return {
    async find(accountId, id) {
      const record = await requests()
        .where('id', '=', id)
        .where('account_id', '=', accountId)
        .executeTakeFirst();
      return record && senderRequestRow.fromRecord(record);
    },
    async findByProof(proof) {
      const record = await requests().where('proof', '=', proof).executeTakeFirst();
      return record && senderRequestRow.fromRecord(record);
    },
    async list({ accountId, status, ...page }) {
      const { limit, offset } = boundedPage(page);
      let query = requests();
      if (accountId !== undefined) query = query.where('account_id', '=', accountId);
      if (status !== undefined) query = query.where('status', '=', status);
      const records = await query.orderBy('id', 'desc').limit(limit).offset(offset).execute();
      return records.map(senderRequestRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the sender requests' part of `Tx`. */
export function senderRequestWrites({ kysely, bulk }: WriteSession): Tx['senderRequests'] {
  return {
    async insert(request) {
      const inserted = await kysely
        .insertInto('sender_requests')
        .values({ ...senderRequestRow.toRecord(request), address_key: senderKey(request.address) })
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `'${request.address}' has been asked for already.`);
    },
    async lock(id) {
      const [rows] = await bulk.select(locked, [[id]]);
      const row = rows?.[0];
      return row && senderRequestRow.decode(row);
    },
    async save({ id, status, triesLeft, changedAt }) {
      await kysely
        .updateTable('sender_requests')
        .set({ status, tries_left: triesLeft, changed_at: changedAt })
        .where('id', '=', id)
        .execute();
    },
    async remove(ids) {
      if (ids.length === 0) return;
      await kysely.deleteFrom('sender_requests').where('id', 'in', ids).execute();
    },
    async removePending(accountId, key) {
      await kysely
        .deleteFrom('sender_requests')
        .where('account_id', '=', accountId)
        .where('address_key', '=', key)
        .where('status', '=', 'pending')
        .execute();
    },
    async makeRoom(accountId, most) {
      const count = await countOf({ kysely }, 'sender_requests', accountId);
      const tooMany = count - most + 1;
      if (tooMany <= 0) return true;
      const { numDeletedRows } = await kysely
        .deleteFrom('sender_requests')
        .where('id', 'in', (from) =>
          from
            .selectFrom('sender_requests')
            .select('id')
            .where('account_id', '=', accountId)
            .where('status', 'in', ['approved', 'rejected'])
            .orderBy('id')
            .limit(tooMany),
        )
        .executeTakeFirst();
      return numDeletedRows >= BigInt(tooMany);
    },
  };
}
