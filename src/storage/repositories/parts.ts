import type { Part } from '../../core/messages/message.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Select, Take, Update, WriteSession } from '../engine.ts';
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

/** Parts that an id is looked for in: a network that has used it more often since has no receipt for it. */
const bearers = 10;

const save: Update = {
  table: 'parts',
  key: ['message_id', 'number'],
  set: ['link_id', 'upstream_id', 'status', 'error', 'sent_at', 'done_at'],
};

/** Names no column of `parts_upstream`, which would be written anew. */
const settle: Update = {
  table: 'parts',
  key: ['message_id', 'number'],
  set: ['status', 'error', 'done_at'],
};

const remove: Take = { table: 'parts', columns: ['number'], key: ['message_id'] };

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
    async allByUpstream(keys) {
      const rows = await bulk.select(
        newestByUpstream,
        keys.map(({ linkId, upstreamId }) => [linkId, upstreamId, bearers]),
      );
      return rows.map((own) => own.map(partRow.decode));
    },
    async save(parts) {
      await bulk.update(save, parts.map(savedRow));
    },
    async settle(parts) {
      await bulk.update(
        settle,
        parts.map(({ messageId, number, status, error, doneAt }) => [
          status,
          error,
          doneAt,
          messageId,
          number,
        ]),
      );
    },
    async remove(ids) {
      await bulk.take(
        remove,
        ids.map((id) => [id]),
      );
    },
  };
}

function savedRow(part: Part) {
  const { messageId, number, linkId, upstreamId, status, error, sentAt, doneAt } = part;
  return [linkId, upstreamId, status, error, sentAt, doneAt, messageId, number];
}
