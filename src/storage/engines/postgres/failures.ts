import type { Failure } from '../../engine.ts';

/** SQLSTATEs, and classes of them, that no change of ours can prevent (PostgreSQL, appendix A). */
const failures: Record<string, Failure> = {
  '08': 'io', // connection exceptions
  '25006': 'io', // read_only_sql_transaction: the server has become a standby
  '40': 'busy', // deadlock or serialization failure, after it was tried again
  '53': 'busy', // insufficient resources, but for
  '53100': 'full', // disk_full
  '53200': 'full', // out_of_memory
  '55P03': 'busy', // lock_not_available
  '57': 'io', // the server is stopping, starting, or was told to end this session, but for
  '57014': 'busy', // query_canceled: it ran into the statement's time-out
  '58': 'io', // system errors
  XX001: 'corrupt', // data_corrupted
  XX002: 'corrupt', // index_corrupted
};

/** What Node says when there is no connection, or no longer. */
const socketErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT', // the socket file of a server that is down
]);

/** What the driver says in words only. */
const driverSentences: [start: string, failure: Failure][] = [
  ['timeout exceeded when trying to connect', 'busy'],
  ['Query read timeout', 'io'],
  ['Connection terminated', 'io'],
  ['Client has encountered a connection error', 'io'],
  ['Client was closed and is not queryable', 'io'],
  ['timeout expired', 'io'],
  ['Cannot use a pool after calling end', 'closed'],
];

/** Takes what `pg` threw; gives what it means, undefined for a defect of ours. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof AggregateError) return failureOf(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') {
    if (code === '23505') return 'unique';
    if (socketErrors.has(code)) return 'io';
    const failure = failures[code] ?? (code.length === 5 ? failures[code.slice(0, 2)] : undefined);
    if (failure) return failure;
  }
  return driverSentences.find(([start]) => error.message.startsWith(start))?.[1];
}

/**
 * Two transactions that waited for each other, or saw what they must not: the one that was picked to
 * end has changed nothing and may run again.
 */
export function mayRunAgain(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '40P01' || code === '40001';
}
