import { sql } from 'kysely';

import type { WriteSession } from '../engine.ts';

/**
 * Lets a column that counts by itself go on above the highest value that was written into it. Engines
 * keep their counters in different places, so whoever puts the parts together says how.
 */
export type SetCounter = (
  session: WriteSession,
  counter: { table: string; column: string; highest: number },
) => Promise<void>;

/** For engines whose counter follows whatever is inserted. */
export const counterFollows: SetCounter = async () => {};

/** For engines whose counter is a sequence, which knows nothing of values that were given. */
export const counterIsSequence: SetCounter = async ({ kysely }, { table, column, highest }) => {
  await sql`
    select setval(pg_get_serial_sequence(${table}, ${column}), ${sql.lit(highest)})`.execute(
    kysely,
  );
};
