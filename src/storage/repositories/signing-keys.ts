import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';
import { signingKeyRow } from '../tables.ts';
import { boundedPage } from './page.ts';

/** Takes a session that reads; gives the signing keys' part of `Reads`. */
export function signingKeyReads({ kysely }: Session): Reads['signingKeys'] {
  const ofAccount = (accountId: string) =>
    kysely
      .selectFrom('signing_keys')
      .selectAll()
      .where('account_id', '=', accountId as never);
  return {
    async list(accountId, page) {
      const { limit, offset } = boundedPage(page);
      const query = ofAccount(accountId).orderBy('id', 'desc').limit(limit).offset(offset);
      return (await query.execute()).map(signingKeyRow.fromRecord);
    },
    async find(accountId, id) {
      const record = await ofAccount(accountId).where('id', '=', id).executeTakeFirst();
      return record && signingKeyRow.fromRecord(record);
    },
    async enabled(accountId) {
      const record = await ofAccount(accountId).where('enabled', '=', 1).executeTakeFirst();
      return record && signingKeyRow.fromRecord(record);
    },
  };
}

/** Takes a session that writes; gives the signing keys' part of `Tx`. */
export function signingKeyWrites({ kysely }: WriteSession): Tx['signingKeys'] {
  return {
    async insert(key) {
      await kysely.insertInto('signing_keys').values(signingKeyRow.toRecord(key)).execute();
    },
    async enable(accountId, id) {
      await kysely
        .updateTable('signing_keys')
        .set({ enabled: 0 })
        .where('account_id', '=', accountId)
        .where('enabled', '=', 1)
        .execute();
      if (id === null) return true;
      const { numUpdatedRows } = await kysely
        .updateTable('signing_keys')
        .set({ enabled: 1 })
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async remove(accountId, id) {
      const { numDeletedRows } = await kysely
        .deleteFrom('signing_keys')
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}
