import { sql } from 'kysely';

import type { RetentionCuts } from '../../core/ports/storage.ts';
import type { WriteSession } from '../engine.ts';
import { firstIdAt } from '../partitions.ts';

/**
 * Takes a session that writes; gives what deletes one-time passwords and what became of lists that were brought in, as
 * old as messages are when they go: so many of each at most.
 */
export function audienceRetention({
  kysely,
}: WriteSession): (before: RetentionCuts, limit: number) => Promise<number> {
  return async ({ messages: cut }, limit) => {
    const verifications = await sql`
      delete from verifications where id in (
        select id from verifications
        where expires_at < ${cut} order by expires_at limit ${limit})`.execute(kysely);
    const imports = await sql`
      delete from contact_imports where id in (
        select id from contact_imports
        where id < ${firstIdAt(cut)} order by id limit ${limit})`.execute(kysely);
    return Number(verifications.numAffectedRows ?? 0n) + Number(imports.numAffectedRows ?? 0n);
  };
}
