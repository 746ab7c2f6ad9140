import type { Kysely } from 'kysely';

import type { Capabilities } from '../engine.ts';
import { first } from './0001-first.ts';

/** One step of the schema. Once released it is never edited: the next step mends it. */
export interface Migration {
  number: number;
  name: string;
  up(db: Kysely<unknown>, capabilities: Capabilities): Promise<void>;
}

/** In order, without gaps. */
export const migrations: readonly Migration[] = [first];
