import type { AccountId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { senderRow } from '../tables.ts';
import { countOf } from './count-of.ts';
import { mostOfAnAccount } from './page.ts';
import { requireNew } from './require-new.ts';

const active = 'active';

/** Asked for every reply. */
const holders: Select = { table: 'senders', columns: ['account_id'], key: ['address_key'] };
const dedicated: Select = {
  table: 'senders',
  columns: ['account_id'],
  key: ['address_key'],
  where: "kind = 'dedicated'",
};

/** Takes a session that reads; gives the senders' part of `Reads`. */
export function senderReads({ kysely }: Session): Reads['senders'] {
  return {
    async ofAccount(accountId) {
      const records = await kysely
        .selectFrom('senders')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('status', '=', active)
        .orderBy('id')
        .limit(mostOfAnAccount)
        .execute();
      return records.map(senderRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the senders' part of `Tx`. */
export function senderWrites({ kysely, bulk }: WriteSession): Tx['senders'] {
  return {
    async insert(sender) {
      const inserted = await kysely
        .insertInto('senders')
        .values({
          ...senderRow.toRecord(sender),
          address_key: senderKey(sender.address),
          status: active,
        })
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, `The sender '${sender.address}' is held already.`);
    },
    async change(id, { label, metadata, countries, reason, changedAt, expiresAt }) {
      await kysely
        .updateTable('senders')
        .set({
          changed_at: changedAt,
          ...(label !== undefined && { label }),
          ...(metadata !== undefined && { metadata: metadata && JSON.stringify(metadata) }),
          ...(countries !== undefined && { countries: countries && JSON.stringify(countries) }),
          ...(reason !== undefined && { reason }),
          ...(expiresAt !== undefined && { expires_at: expiresAt }),
        })
        .where('id', '=', id)
        .execute();
    },
    async remove(id) {
      await kysely.deleteFrom('senders').where('id', '=', id).execute();
    },
    async find(accountId, key) {
      const record = await kysely
        .selectFrom('senders')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('address_key', '=', key)
        .where('status', '=', active)
        .executeTakeFirst();
      return record && senderRow.fromRecord(record);
    },
    count: (accountId) => countOf({ kysely }, 'senders', accountId),
    async holders(keys) {
      const rows = await bulk.select(
        holders,
        keys.map((key) => [key]),
      );
      return new Map(keys.map((key, at) => [key, (rows[at] ?? []).map(([id]) => id as AccountId)]));
    },
    async owners(keys) {
      const rows = await bulk.select(
        dedicated,
        keys.map((key) => [key]),
      );
      const owners = new Map<string, AccountId>();
      keys.forEach((key, at) => {
        const row = rows[at]?.[0];
        if (row) owners.set(key, row[0] as AccountId);
      });
      return owners;
    },
  };
}
