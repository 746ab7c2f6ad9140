import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Select, Session, WriteSession } from '../engine.ts';
import { credentialRow } from '../tables.ts';
import { mostOfAnAccount } from './page.ts';
import { requireNew } from './require-new.ts';

/** Asked for every request. */
const byLookup: Select = {
  table: 'credentials',
  columns: credentialRow.columns,
  key: ['dialect', 'kind', 'lookup'],
};

/** Takes a session that reads; gives the credentials' part of `Reads`. Revoked ones are among them. */
export function credentialReads({ kysely, bulk }: Session): Reads['credentials'] {
  return {
    async find(dialect, kind, lookup) {
      const row = (await bulk.select(byLookup, [[dialect, kind, lookup]]))[0]?.[0];
      return row && credentialRow.decode(row);
    },
    async ofAccount(accountId) {
      const records = await kysely
        .selectFrom('credentials')
        .selectAll()
        .where('account_id', '=', accountId)
        .orderBy('id')
        .limit(mostOfAnAccount)
        .execute();
      return records.map(credentialRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the credentials' part of `Tx`. */
export function credentialWrites({ kysely }: WriteSession): Tx['credentials'] {
  return {
    async insert(credential) {
      const inserted = await kysely
        .insertInto('credentials')
        .values(credentialRow.toRecord(credential))
        .onConflict((clash) => clash.doNothing())
        .executeTakeFirst();
      requireNew(inserted, 'There is such a credential already.');
    },
    async revoke(id, at) {
      const { numUpdatedRows } = await kysely
        .updateTable('credentials')
        .set({ revoked_at: at })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}
