import { type Kysely, sql } from 'kysely';

import type { LinkId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { QueuePlace } from '../../core/ports/storage.ts';
import { messageRow, type Tables } from '../tables.ts';

/**
 * A page of a link's queue, as `Reads.messages.waitingFor`. One priority after the other, as the claim
 * does, so that each page begins where the last one ended and nothing before it is read again.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   priorities   SEARCH messages USING COVERING INDEX messages_queue (link_id=? AND priority<?)
 *   rows         SEARCH messages USING INDEX messages_queue (link_id=? AND priority=? AND due_at>?)
 */
export async function waitingFor(
  kysely: Kysely<Tables>,
  linkId: LinkId,
  { after, now, limit }: { after: QueuePlace | null; now: number; limit: number },
): Promise<Message[]> {
  const queue = kysely
    .selectFrom('messages')
    .where('status', '=', sql.lit('queued'))
    .where('link_id', '=', linkId);
  const highest = async (below: number | null): Promise<number | null> => {
    const query = queue.select(sql<number | null>`max(priority)`.as('priority'));
    const row = await (below === null
      ? query
      : query.where('priority', '<', below)
    ).executeTakeFirst();
    return row?.priority ?? null;
  };

  const found: Message[] = [];
  let place = after;
  let priority = place?.priority ?? (await highest(null));
  while (priority !== null && found.length < limit) {
    let query = queue
      .selectAll()
      .where('priority', '=', priority)
      .where((row) => row.or([row('locked_by', 'is', null), row('due_at', '<=', now)]));
    if (place !== null) {
      const { dueAt, id } = place;
      query = query
        // Says nothing more than the next one, but that the index leads there.
        .where('due_at', '>=', dueAt)
        .where((row) => row.or([row('due_at', '>', dueAt), row('id', '>', id)]));
    }
    const rows = await query
      .orderBy('due_at')
      .orderBy('id')
      .limit(limit - found.length)
      .execute();
    found.push(...rows.map(messageRow.fromRecord));
    place = null;
    priority = await highest(priority);
  }
  return found;
}
