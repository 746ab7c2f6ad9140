import type { Part } from '../../core/messages/message.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Select, Update, WriteSession } from '../engine.ts';
import { partRow } from '../tables.ts';

const ofMessage: Select = {
  table: 'parts',
  columns: partRow.columns,
  key: ['message_id'],
  orderBy: 'number',
  lock: 'wait',
};

/**
 * EXPLAIN QUERY PLAN (SQLite): SEARCH parts USING INDEX parts_upstream (link_id=? AND upstream_id=?),
 * read backwards to the first: no sorting, however often a network uses an id again.
 */
const newestByUpstream: Select = {
  table: 'parts',
  columns: partRow.columns,
  key: ['link_id', 'upstream_id'],
  orderBy: 'sent_at desc',
  limited: true,
};

const save: Update = {
  table: 'parts',
  key: ['message_id', 'number'],
  set: ['link_id', 'upstream_id', 'status', 'error', 'sent_at', 'done_at'],
};

/** Takes a session that writes; gives the parts' part of `Tx`. */
export function partWrites({ bulk }: WriteSession): Tx['parts'] {
  return {
    async ofMessages(ids) {
      const rows = await bulk.select(
        ofMessage,
        ids.map((id) => [id]),
      );
      return rows.flat().map(partRow.decode);
    },
    async byUpstream(keys) {
      const rows = await bulk.select(
        newestByUpstream,
        keys.map(({ linkId, upstreamId }) => [linkId, upstreamId, 1]),
      );
      return rows.map(([row]) => row && partRow.decode(row));
    },
    async save(parts) {
      await bulk.update(save, parts.map(savedRow));
    },
  };
}

function savedRow(part: Part) {
  const { messageId, number, linkId, upstreamId, status, error, sentAt, doneAt } = part;
  return [linkId, upstreamId, status, error, sentAt, doneAt, messageId, number];
}
