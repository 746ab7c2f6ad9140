import type { ClientBase } from 'pg';

import type { Engine, WriteSession } from '../../engine.ts';
import { bulkOn } from './bulk.ts';
import { capabilities } from './capabilities.ts';
import { claimsOn } from './claim.ts';
import { columnTypesOf } from './column-types.ts';
import { kyselyOn } from './dialect.ts';
import { failureOf, mayRunAgain } from './failures.ts';
import { holdNames, lockForMigration } from './lock.ts';
import { keepPartitions } from './partitions.ts';
import { createPlaces } from './places.ts';
import { openPool } from './pool.ts';
import { problemsOf } from './problems.ts';
import { inTransaction } from './transaction.ts';
import { createWake } from './wake.ts';

/** Connections of a node that only read. */
const READERS = 4;
/** How often a transaction runs that was picked to end a deadlock. */
const TRIES = 5;

/**
 * Opens a database with two pools: one for transactions, and one for what only reads, so that a reader
 * never waits behind writers. Connections are made when they are needed, so a server that is down is
 * noticed by the first statement.
 *
 * @param url `postgres://user:password@host:port/database`
 */
export function openPostgresEngine(url: string): Engine {
  const writers = openPool(url, capabilities.writers);
  const readers = openPool(url, READERS);
  const types = columnTypesOf(readers);
  const sessions = new WeakMap<ClientBase, WriteSession>();
  const wake = createWake(url);
  const places = createPlaces(url);

  const sessionOf = (client: ClientBase): WriteSession => {
    const known = sessions.get(client);
    if (known) return known;
    const session: WriteSession = {
      kysely: kyselyOn(client),
      bulk: bulkOn(client, types),
      claim: claimsOn(client),
      hold: (names, how) => holdNames(client, names, how),
    };
    sessions.set(client, session);
    return session;
  };

  const transaction: Engine['transaction'] = async (work) => {
    for (let run = 1; ; run++) {
      try {
        return await inTransaction(writers, (client) => work(sessionOf(client)));
      } catch (error) {
        if (run === TRIES || !mayRunAgain(error)) throw error;
      }
    }
  };

  const closeAll = async (): Promise<void> => {
    await Promise.all([wake.close(), places.close(), writers.end(), readers.end()]);
  };
  let closing: Promise<void> | undefined;

  return {
    capabilities,
    reader: { kysely: kyselyOn(readers), bulk: bulkOn(readers, types) },
    transaction,
    async exclusively(work) {
      // A connection of its own, that waits as long as it takes: a migration builds indexes.
      const patient = openPool(url, 1, { answerMs: 0 });
      try {
        return await inTransaction(patient, async (client) => {
          await lockForMigration(client);
          return work(sessionOf(client));
        });
      } finally {
        await patient.end();
      }
    },
    keepPartitions: (now, before) =>
      inTransaction(writers, (client) => keepPartitions(client, now, before)),
    places,
    announce: wake.announce,
    onAnnounced: wake.listen,
    failureOf,
    problems: () => problemsOf(readers),
    close: () => (closing ??= closeAll()),
  };
}
