import { sql } from 'kysely';

import type { ArchiveReads, ArchiveTx } from '../../core/ports/archive-storage.ts';
import type { Select, Session, Take, Update, WriteSession } from '../engine.ts';
import { firstIdAt } from '../partitions.ts';
import { archiveFileRow, messageRow, replyRow, type Tables } from '../tables.ts';
import { boundedPage } from './page.ts';
import { partsOf } from './parts.ts';
import { replyOf, replyOfRow } from './replies.ts';

const lockReplies: Select = {
  table: 'replies',
  columns: replyRow.columns,
  key: ['id'],
  lock: 'wait',
};
const save: Update = {
  table: 'archive_files',
  key: ['id'],
  set: ['state', 'rows', 'bytes', 'first_id', 'last_id', 'accounts', 'locked_by', 'due_at'],
  guard: ['locked_by', 'due_at'],
};

/** All that is deleted with a message, children first. */
const ofMessage: readonly Take[] = [
  { table: 'parts', columns: ['number'], key: ['message_id'] },
  { table: 'timeline', columns: ['seq'], key: ['message_id'] },
  { table: 'device_messages', columns: ['message_id'], key: ['message_id'] },
  { table: 'messages', columns: ['id'], key: ['id'] },
];
const takeReplies: Take = { table: 'replies', columns: ['id'], key: ['id'] };

/** When its kind is over. */
const endOf = { messages: 'done_at', replies: 'received_at' } as const;

/**
 * Takes a session that reads; gives the archive's part of `Reads`. What is old is found as `retain` finds it: in the
 * order of ids, which is that of time.
 *
 * EXPLAIN QUERY PLAN (SQLite): SEARCH messages USING INDEX sqlite_autoindex_messages_1 (id>? AND id<?)
 */
export function archiveReads({ kysely, bulk }: Session): ArchiveReads {
  const stretchOf = (
    kind: 'messages' | 'replies',
    { cut, after, before, limit }: Parameters<ArchiveReads['messages']>[0],
  ) =>
    sql<object>`
      select * from ${sql.table(kind)}
      where id > ${after} and id < ${before} and ${sql.ref(endOf[kind])} < ${cut}
      order by id limit ${limit}`.execute(kysely);
  return {
    async isUnfinished() {
      const found = await kysely
        .selectFrom('archive_files')
        .select('id')
        .where('state', '<>', 'kept')
        .limit(1)
        .executeTakeFirst();
      return found !== undefined;
    },
    async files({ kind, accountId, fromDay, beforeDay, id }, page) {
      const { limit, offset } = boundedPage(page);
      let query = kysely
        .selectFrom('archive_files')
        .selectAll()
        .where('state', '=', 'kept')
        .orderBy('day')
        .orderBy('id')
        .limit(limit)
        .offset(offset);
      if (kind !== undefined) query = query.where('kind', '=', kind);
      if (fromDay !== undefined) query = query.where('day', '>=', fromDay);
      if (beforeDay !== undefined) query = query.where('day', '<', beforeDay);
      if (id !== undefined) query = query.where('first_id', '<=', id).where('last_id', '>=', id);
      if (accountId !== undefined) {
        // Within a JSON text each quotation mark is escaped, so that nothing else looks like a name in it.
        const name = `${JSON.stringify(accountId)}:`;
        query = query.where(sql<boolean>`replace(accounts, ${name}, '') <> accounts`);
      }
      return (await query.execute()).map(archiveFileRow.fromRecord);
    },
    async findFile(id) {
      const record = await kysely
        .selectFrom('archive_files')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && archiveFileRow.fromRecord(record);
    },
    async firstDue(kind, cut) {
      const { rows } = await sql<{ id: string }>`
        select id from ${sql.table(kind)}
        where id < ${firstIdAt(cut)} and ${sql.ref(endOf[kind])} < ${cut}
        order by id limit 1`.execute(kysely);
      return rows[0]?.id;
    },
    async messages(stretch) {
      const messages = (await stretchOf('messages', stretch)).rows.map(messageRow.fromRecord);
      const parts = await partsOf(
        bulk,
        messages.map(({ id }) => id),
      );
      return messages.map((message, at) => ({ message, parts: parts[at] ?? [] }));
    },
    async replies(stretch) {
      const { rows } = await stretchOf('replies', stretch);
      return rows.map(replyOf);
    },
  };
}

/** Takes a session that writes; gives the archive's part of `Tx`. */
export function archiveWrites({ kysely, bulk, hold }: WriteSession): ArchiveTx {
  /** The file that is not kept yet: there is one at most. Nobody else begins or claims one until the commit. */
  const unfinished = async () => {
    await hold(['archive'], 'alone');
    const record = await kysely
      .selectFrom('archive_files')
      .selectAll()
      .where('state', 'in', ['writing', 'written'])
      .executeTakeFirst();
    return record && archiveFileRow.fromRecord(record);
  };
  return {
    async claim({ nodeId, now, until }) {
      const file = await unfinished();
      if (!file) return undefined;
      if (file.lockedBy !== null && file.lockedBy !== nodeId && file.dueAt > now) return 'busy';
      await kysely
        .updateTable('archive_files')
        .set({ locked_by: nodeId, due_at: until })
        .where('id', '=', file.id)
        .execute();
      return { ...file, lockedBy: nodeId, dueAt: until };
    },
    async begin(file) {
      if (await unfinished()) return false;
      await kysely.insertInto('archive_files').values(archiveFileRow.toRecord(file)).execute();
      return true;
    },
    async reopen({ id, state, lockedBy, dueAt }) {
      if (await unfinished()) return false;
      const { numUpdatedRows } = await kysely
        .updateTable('archive_files')
        .set({ state, locked_by: lockedBy, due_at: dueAt })
        .where('id', '=', id)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async save(file, held) {
      const row = archiveFileRow.toRecord(file);
      const values = save.set.map((column) => row[column as keyof Tables['archive_files']]);
      const [saved = false] = await bulk.update(save, [[...values, file.id, held.by, held.until]]);
      return saved;
    },
    async hand(id, held, to) {
      const { numUpdatedRows } = await kysely
        .updateTable('archive_files')
        .set({ locked_by: to.by, due_at: to.until })
        .where('id', '=', id)
        .where('locked_by', '=', held.by)
        .where('due_at', '=', held.until)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async forget(id, held) {
      const { numDeletedRows } = await kysely
        .deleteFrom('archive_files')
        .where('id', '=', id)
        .where('locked_by', '=', held.by)
        .where('due_at', '=', held.until)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async lockReplies(ids) {
      const rows = await bulk.select(
        lockReplies,
        ids.map((id) => [id]),
      );
      return rows.flat().map(replyOfRow);
    },
    async removeMessages(ids) {
      const keys = ids.map((id) => [id]);
      for (const take of ofMessage) await bulk.take(take, keys);
    },
    async removeReplies(ids) {
      await bulk.take(
        takeReplies,
        ids.map((id) => [id]),
      );
    },
  };
}
