import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';
import { endpointRow } from '../tables.ts';
import { mostOfAnAccount } from './page.ts';

/** Takes a session that reads; gives the endpoints' part of `Reads`. Disabled ones are among them. */
export function endpointReads(session: Session): Reads['endpoints'] {
  return { ofAccount: ofAccount(session) };
}

const ofAccount =
  ({ kysely }: Session): Reads['endpoints']['ofAccount'] =>
  async (accountId) => {
    const records = await kysely
      .selectFrom('endpoints')
      .selectAll()
      .where('account_id', '=', accountId)
      .orderBy('id')
      .limit(mostOfAnAccount)
      .execute();
    return records.map(endpointRow.fromRecord);
  };

/** Takes a session that writes; gives the endpoints' part of `Tx`. */
export function endpointWrites(session: WriteSession): Tx['endpoints'] {
  const { kysely } = session;
  return {
    ofAccount: ofAccount(session),
    async insert(endpoint) {
      await kysely.insertInto('endpoints').values(endpointRow.toRecord(endpoint)).execute();
    },
    async insertNew(endpoint) {
      await kysely
        .insertInto('endpoints')
        .values(endpointRow.toRecord(endpoint))
        .onConflict((clash) => clash.doNothing())
        .execute();
    },
    async update({ id, url, secret, settings, disabledAt }) {
      await kysely
        .updateTable('endpoints')
        .set({ url, secret, settings: JSON.stringify(settings), disabled_at: disabledAt })
        .where('id', '=', id)
        .execute();
    },
    async remove(id) {
      await kysely.deleteFrom('endpoints').where('id', '=', id).execute();
    },
    async disable(id, at) {
      await kysely
        .updateTable('endpoints')
        .set({ disabled_at: at })
        .where('id', '=', id)
        .where('disabled_at', 'is', null)
        .execute();
    },
  };
}
