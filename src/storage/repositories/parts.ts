import type { MessageId } from '../../core/ids.ts';
import { lonePart } from '../../core/messages/lone-part.ts';
import type { Part } from '../../core/messages/message.ts';
import type { Bearer, Tx } from '../../core/ports/storage.ts';
import type {
  BulkReads,
  Capabilities,
  Insert,
  Select,
  Take,
  Update,
  WriteSession,
} from '../engine.ts';
import type { Row } from '../row.ts';
import { messageRow, partRow } from '../tables.ts';

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

/** The same of parts that are their message, by `messages_upstream`. */
const newestAlone: Select = {
  ...newestByUpstream,
  table: 'messages',
  columns: messageRow.columns,
};

const message: Select = { table: 'messages', columns: messageRow.columns, key: ['id'] };

/** Parts that an id is looked for in: a network that has used it more often since has no receipt for it. */
const bearers = 10;

const save: Insert = {
  table: 'parts',
  columns: partRow.columns,
  orUpdate: {
    key: ['message_id', 'number'],
    set: ['link_id', 'upstream_id', 'status', 'error', 'sent_at', 'done_at'],
    where: 'true',
  },
};

/** Names no column of `parts_upstream`, which would be written anew. */
const settle: Update = {
  table: 'parts',
  key: ['message_id', 'number'],
  set: ['status', 'error', 'done_at'],
};

const remove: Take = { table: 'parts', columns: ['number'], key: ['message_id'] };

/** Takes a session that writes; gives the parts' part of `Tx`. */
export function partWrites(
  { bulk }: WriteSession,
  { writers }: Pick<Capabilities, 'writers'>,
): Tx['parts'] {
  const loneBearer = (row: Row): Bearer | undefined => {
    const found = messageRow.decode(row);
    const part = lonePart(found);
    // Where others write beside this transaction, the message is to be locked first, in the order of all.
    return part && (writers === 1 ? { part, message: found } : { part });
  };
  return {
    async ofMessages(ids) {
      return (await partsOf(bulk, ids)).flat();
    },
    async byUpstream(keys) {
      const rowKeys = keys.map(({ linkId, upstreamId }) => [linkId, upstreamId, 1]);
      const alone = await bulk.select(newestAlone, rowKeys);
      const rows = await bulk.select(newestByUpstream, rowKeys);
      return rows.map(([row], at) => {
        const loneRow = alone[at]?.[0];
        const lone = loneRow && loneBearer(loneRow);
        if (!row) return lone;
        const part = partRow.decode(row);
        return lone && lone.part.sentAt > part.sentAt ? lone : { part };
      });
    },
    async allByUpstream(keys) {
      const rowKeys = keys.map(({ linkId, upstreamId }) => [linkId, upstreamId, bearers]);
      const alone = await bulk.select(newestAlone, rowKeys);
      const rows = await bulk.select(newestByUpstream, rowKeys);
      return rows.map((own, at) =>
        [
          ...own.map(partRow.decode),
          ...(alone[at] ?? []).flatMap((row) => loneBearer(row)?.part ?? []),
        ]
          .toSorted((a, b) => b.sentAt - a.sentAt)
          .slice(0, bearers),
      );
    },
    async save(parts) {
      if (parts.length > 0) await bulk.insert(save, parts.map(partRow.encode));
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

/** For each message all that is known of its parts: their rows, or what it says of itself. */
export async function partsOf(bulk: BulkReads, ids: readonly MessageId[]): Promise<Part[][]> {
  const rows = await bulk.select(
    ofMessage,
    ids.map((id) => [id]),
  );
  const without = ids.filter((_, at) => rows[at]?.length === 0);
  if (without.length === 0) return rows.map((own) => own.map(partRow.decode));
  const messages = await bulk.select(
    message,
    without.map((id) => [id]),
  );
  const lone = new Map(
    without.map((id, at) => {
      const row = messages[at]?.[0];
      return [id, row && lonePart(messageRow.decode(row))];
    }),
  );
  return rows.map((own, at) =>
    own.length > 0 ? own.map(partRow.decode) : [lone.get(ids[at] as MessageId) ?? []].flat(),
  );
}
