import type { Storage } from '../../core/ports/storage.ts';
import type { Capabilities } from '../engine.ts';
import type { Fixtures } from './fixtures.ts';

/** An empty, migrated database of its own. */
export interface TestDatabase {
  capabilities: Capabilities;
  /** Another storage on the same rows, as another process would have it. The suite closes it. */
  open(): Promise<Storage>;
  destroy(): Promise<void>;
}

/** What every case gets: fresh for each. */
export interface Given {
  storage: Storage;
  capabilities: Capabilities;
  rows: Fixtures;
  /** A second storage on the same rows. */
  another(): Promise<Storage>;
}
