import { type ClientBase, Pool, types } from 'pg';

import { connectionTo, OwnClient } from './client.ts';

/** How long a connection may take to come about, or to become free. */
const CONNECT_MS = 5_000;
/** What waits for another session's rows longer than this gives up. */
const LOCK_MS = 5_000;
const STATEMENT_MS = 10_000;
/** A server that does not answer at all: the network between has gone, and nobody said so. */
const ANSWER_MS = 12_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
/** Plans are made anew as often: what was planned for a week's empty table is soon wrong for a full one. */
const LIFETIME_SECONDS = 60;

/**
 * - Statements are planned once a connection: planning over a year of partitions costs more than running.
 * - Such a plan outlives the moment in which a table was empty, so it is told to use its indexes: each
 *   hot statement has one, and reading a table from one end to the other is never what is meant.
 * - JIT pays for reports, not for statements of a millisecond.
 */
const settings = {
  statement_timeout: STATEMENT_MS,
  lock_timeout: LOCK_MS,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  jit: 'off',
  // A commit that was answered is on disk, whatever the server's own setting says.
  synchronous_commit: 'on',
} as const;

const setSession = {
  text: `select ${Object.keys(settings)
    .map((name, at) => `set_config('${name}', $${at + 1}, false)`)
    .join(', ')}`,
  values: Object.values(settings).map(String),
};

/** int8: all of ours are safe integers, and the driver would give them as text. */
const INT8 = 20;
const parsers = {
  getTypeParser: (oid: number): ((text: string) => unknown) =>
    oid === INT8 ? Number : (types.getTypeParser(oid) as (text: string) => unknown),
};

/**
 * Connections to one server, at most `max`. Queries of one connection are pipelined: what is asked
 * together is one round trip.
 *
 * @param url `postgres://user:password@host:port/database?sslmode=…`
 * @param options `answerMs`: how long a statement may go unanswered; 0 for ever.
 */
export function openPool(
  url: string,
  max: number,
  { answerMs = ANSWER_MS }: { answerMs?: number } = {},
): Pool {
  const pool = new Pool({
    ...connectionTo(url),
    Client: OwnClient,
    max,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: answerMs,
    maxLifetimeSeconds: LIFETIME_SECONDS,
    application_name: 'parlance',
    types: parsers,
    pipeline: true,
  });
  pool.on('connect', (client: ClientBase) => {
    // Goes before whatever the client is taken for. When it fails, so does that.
    client.query(setSession).catch(() => {});
  });
  // An idle connection broke. The pool has thrown it away, and the next query makes a new one.
  pool.on('error', () => {});
  return pool;
}
