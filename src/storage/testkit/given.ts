import type { Storage } from '../../core/ports/storage.ts';
import type { Capabilities } from '../engine.ts';
import type { Fixtures } from './fixtures.ts';

/** An empty, migrated database of its own. */
export interface TestDatabase {
  capabilities: Capabilities;
  /** Another storage on the same rows, as another process would have it. The suite closes it. */
  open(): Promise<Storage>;
  destroy(): Promise<void>;
  /** What its server is told to do without, so that tests are fast, in the words of `problems`. */
  knownProblems?: readonly string[];
}

/** What every case gets: fresh for each. */
export interface Given {
  storage: Storage;
  capabilities: Capabilities;
  rows: Fixtures;
  knownProblems: readonly string[];
  /** A second storage on the same rows. */
  another(): Promise<Storage>;
}
