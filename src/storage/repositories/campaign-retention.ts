import { sql } from 'kysely';

import type { WriteSession } from '../engine.ts';
import { firstIdAt } from '../partitions.ts';

/**
 * Takes a session that writes; gives what deletes campaigns that ended before an instant, at most so many rows of
 * them at once: half a million errors in one go would keep everybody waiting. A campaign goes when nothing of it is
 * left; the rows of one that has ended, whenever that was, at once, for they are numbers of people. Gives how many rows
 * went.
 */
export function campaignRetention({
  kysely,
}: WriteSession): (before: number, limit: number) => Promise<number> {
  return async (before, limit) => {
    const over = await sql`
      delete from campaign_pages where (campaign_id, first) in (
        select campaign_id, first from campaign_pages where campaign_id in (
          select id from campaigns where done_at is not null
            and exists (select 1 from campaign_pages where campaign_id = campaigns.id)
          order by id limit 20
        ) limit 50)`.execute(kysely);
    if (over.numAffectedRows) return Number(over.numAffectedRows);
    const { rows } = await sql<{ id: string }>`
      select id from campaigns
      where id < ${firstIdAt(before)} and done_at < ${before} order by id limit 20`.execute(kysely);
    if (rows.length === 0) return 0;
    const ids = sql.join(rows.map(({ id }) => id));
    const errors = await sql`
      delete from campaign_errors where (campaign_id, line) in (
        select campaign_id, line from campaign_errors where campaign_id in (${ids}) limit ${limit})`.execute(
      kysely,
    );
    if (errors.numAffectedRows) return Number(errors.numAffectedRows);
    const gone = await sql`delete from campaigns where id in (${ids})`.execute(kysely);
    return Number(gone.numAffectedRows ?? 0n);
  };
}
