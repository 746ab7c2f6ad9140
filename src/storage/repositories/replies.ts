import type { Reply } from '../../core/delivery/reply.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Session, WriteSession } from '../engine.ts';
import { replyRow } from '../tables.ts';
import { boundedPage } from './page.ts';

/** Replies without an id of the network never clash: NULLs are distinct in a unique index. */
const insert: Insert = {
  table: 'replies',
  columns: replyRow.columns,
  unlessExists: ['link_id', 'upstream_id'],
};

/** Takes a session that reads; gives the replies' part of `Reads`. */
export function replyReads({ kysely }: Session): Reads['replies'] {
  const newest = (page: Parameters<Reads['replies']['unowned']>[0]) => {
    const { limit, offset } = boundedPage(page);
    return kysely
      .selectFrom('replies')
      .selectAll()
      .orderBy('received_at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .offset(offset);
  };
  return {
    async list(accountId, { since, until, ...page }) {
      let query = newest(page).where('account_id', '=', accountId);
      if (since !== undefined) query = query.where('received_at', '>=', since);
      if (until !== undefined) query = query.where('received_at', '<', until);
      return (await query.execute()).map(replyOf);
    },
    async unowned(page) {
      return (await newest(page).where('account_id', 'is', null).execute()).map(replyOf);
    },
  };
}

/** Takes a session that writes; gives the replies' part of `Tx`. */
export function replyWrites({ bulk }: WriteSession): Tx['replies'] {
  return {
    async insert(replies) {
      const rows = replies.map(({ from, to, ...rest }) =>
        replyRow.encode({ ...rest, fromNumber: from, toAddress: to }),
      );
      const inserted = await bulk.insert(insert, rows);
      return replies.filter((_, at) => inserted[at]);
    },
  };
}

function replyOf(record: object): Reply {
  const { fromNumber, toAddress, ...rest } = replyRow.fromRecord(record);
  return { ...rest, from: fromNumber, to: toAddress };
}
