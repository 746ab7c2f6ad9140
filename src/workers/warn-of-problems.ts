import type { Storage } from '../core/ports/storage.ts';
import type { WorkerLog } from './worker.ts';

/**
 * Tells the owner at the start what is wrong with a server that many nodes share: its settings and its
 * clock are not in our hands. A file of our own is looked at by `parlance doctor`, since that takes long.
 */
export async function warnOfProblems(
  { manyNodes, read }: Pick<Storage, 'manyNodes' | 'read'>,
  log: Pick<WorkerLog, 'warn'>,
): Promise<void> {
  if (!manyNodes) return;
  try {
    for (const problem of await read.problems()) log.warn({}, problem);
  } catch (error) {
    log.warn({ err: error }, 'the storage could not be asked for its problems');
  }
}
