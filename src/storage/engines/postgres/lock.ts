import type { ClientBase } from 'pg';

/** "parlance" as a number of 63 bits: the key of the lock round migrations. */
const MIGRATION_LOCK = 0x7061_726c_616e_6365n;

const holdAlone = {
  name: 'hold_alone',
  text: 'select pg_advisory_xact_lock(hashtextextended(name, 0)) from unnest($1::text[]) as name',
};
const holdShared = {
  name: 'hold_shared',
  text: 'select pg_advisory_xact_lock_shared(hashtextextended(name, 0)) from unnest($1::text[]) as name',
};

/** Takes names in the order of the alphabet, so that two who take several never wait for each other. */
export async function holdNames(
  client: ClientBase,
  names: readonly string[],
  how: 'shared' | 'alone',
): Promise<void> {
  const values = [[...new Set(names)].toSorted()];
  await client.query({ ...(how === 'alone' ? holdAlone : holdShared), values });
}

/**
 * Keeps other nodes from migrating until the end of the transaction: two that start at once run one
 * after the other, and the second finds that nothing is left to do. It may have to wait longer than
 * any other statement.
 */
export async function lockForMigration(client: ClientBase): Promise<void> {
  await client.query('set local lock_timeout = 0');
  await client.query('set local statement_timeout = 0');
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
}
