import type { InstallationFact, Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';

/** Takes a session that reads; gives the installation's part of `Reads`. */
export function installationReads({ kysely }: Session): Reads['installation'] {
  return {
    async fact(name) {
      const row = await kysely
        .selectFrom('installation')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirst();
      return row?.value;
    },
  };
}

/** Takes a session that writes; gives the installation's part of `Tx`. */
export function installationWrites(session: WriteSession): Tx['installation'] {
  const { kysely } = session;
  const reads = installationReads(session);
  const remove = async (name: InstallationFact): Promise<void> => {
    await kysely.deleteFrom('installation').where('name', '=', name).execute();
  };
  return {
    async keep(name, value) {
      await kysely
        .insertInto('installation')
        .values({ name, value })
        .onConflict((clash) => clash.column('name').doNothing())
        .execute();
      return (await reads.fact(name)) ?? value;
    },
    async set(name, value) {
      await remove(name);
      await kysely.insertInto('installation').values({ name, value }).execute();
    },
    remove,
  };
}
