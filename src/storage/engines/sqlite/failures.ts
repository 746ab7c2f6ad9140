import type { Failure } from '../../engine.ts';

/** Primary result codes of SQLite (sqlite.org/rescode.html) that no change of ours can prevent. */
const failures: Record<number, Failure> = {
  5: 'busy', // BUSY: another process holds the lock longer than busy_timeout
  6: 'busy', // LOCKED
  7: 'full', // NOMEM
  8: 'io', // READONLY: the file or its folder has become so
  10: 'io', // IOERR
  11: 'corrupt', // CORRUPT
  13: 'full', // FULL
  14: 'io', // CANTOPEN: no descriptor left, the folder is gone
  15: 'busy', // PROTOCOL: lost the race for the WAL locks too often
  26: 'corrupt', // NOTADB
};

/** Extended codes CONSTRAINT_UNIQUE and CONSTRAINT_PRIMARYKEY. */
const uniqueCodes = new Set([2067, 1555]);

/** Takes what node:sqlite threw; gives what it means, undefined for a defect of ours. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  if (code === 'ERR_INVALID_STATE') return 'closed';
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return undefined;
  return uniqueCodes.has(errcode) ? 'unique' : failures[errcode & 0xff];
}
