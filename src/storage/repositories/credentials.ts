import type { Credential } from '../../core/accounts/account.ts';
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

/** In one statement; both engines have a limit for parameters. */
const IDS_AT_ONCE = 500;

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
    async findAny(id) {
      const record = await kysely
        .selectFrom('credentials')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && credentialRow.fromRecord(record);
    },
    async usable(ids) {
      const found: Credential[] = [];
      for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
        const rows = await kysely
          .selectFrom('credentials')
          .innerJoin('accounts', 'accounts.id', 'credentials.account_id')
          .selectAll('credentials')
          .where('credentials.id', 'in', ids.slice(at, at + IDS_AT_ONCE))
          .where('credentials.revoked_at', 'is', null)
          .where('accounts.status', '=', 'active')
          .execute();
        found.push(...rows.map(credentialRow.fromRecord));
      }
      return found;
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
    async setSecret(id, secret) {
      const { numUpdatedRows } = await kysely
        .updateTable('credentials')
        .set({ secret })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async setSettings(id, settings) {
      const { numUpdatedRows } = await kysely
        .updateTable('credentials')
        .set({ settings: JSON.stringify(settings) })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
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
