import type { Pool, PoolClient } from 'pg';

import { failureOf } from './failures.ts';

/** How long it is tried to find out what became of a commit. */
const DOUBT_MS = 3_000;
const REST_MS = 100;

/** Null where nothing was written. */
const ownId = {
  name: 'transaction_id',
  text: 'select pg_current_xact_id_if_assigned()::text as id',
};

/**
 * Runs `work` between BEGIN and COMMIT on a connection of its own. BEGIN is on its way together with
 * the first statement. A connection that fails is thrown away, and with it what was not committed.
 *
 * When it fails while COMMIT is on its way, the transaction may have happened: who then says "failed"
 * makes a client send, and pay for, a message twice. So the transaction's id is asked for together with
 * COMMIT, and the server is asked by it, on another connection.
 *
 *   COMMIT ──answered──▶ done
 *     └─no answer─▶ asked anew ──committed──▶ done
 *                       ├──aborted──▶ failed
 *                       └──no answer within 3 s──▶ failed, and nobody knows
 */
export async function inTransaction<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  // Without a listener an error of a connection that is taken would end the process.
  const onError = (): void => {
    broken = true;
  };
  client.on('error', onError);
  try {
    const begun = client.query('begin');
    begun.catch(() => {});
    const result = await work(client);
    await begun;
    const asked = client.query<{ id: string | null }>(ownId);
    asked.catch(() => {});
    let command: string;
    try {
      ({ command } = await client.query('commit'));
    } catch (error) {
      broken = true;
      const id = await asked.then(
        ({ rows }) => rows[0]?.id,
        () => undefined,
      );
      if (id && failureOf(error) === 'io' && (await wasCommitted(pool, id))) return result;
      throw error;
    }
    // The server ends a transaction in which something failed by rolling back, and says so only here.
    if (command !== 'COMMIT') throw new Error('a statement failed and its error was lost');
    return result;
  } catch (error) {
    try {
      if (!broken) await client.query('rollback');
    } catch {
      broken = true;
    }
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function wasCommitted(pool: Pool, id: string): Promise<boolean> {
  const until = performance.now() + DOUBT_MS;
  while (performance.now() < until) {
    try {
      const { rows } = await pool.query<{ status: string | null }>(
        'select pg_xact_status($1::text::xid8) as status',
        [id],
      );
      const status = rows[0]?.status;
      if (status !== 'in progress') return status === 'committed';
    } catch {
      // It cannot be reached, yet.
    }
    await new Promise((resolve) => {
      setTimeout(resolve, REST_MS);
    });
  }
  return false;
}
