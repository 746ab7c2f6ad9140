import type { Kysely } from 'kysely';

import type { Capabilities } from '../engine.ts';

/** One step of the schema. Once released it is never edited: the next step mends it. */
export interface Migration {
  number: number;
  name: string;
  up(db: Kysely<unknown>, capabilities: Capabilities): Promise<void>;
}
