import { sql } from 'kysely';

import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';
import { mailRow } from '../tables.ts';

/** Not a parameter: the index is of those that wait. */
const waiting = sql.lit('pending' as const);

/** Takes a session that reads; gives the mails' part of `Reads`. */
export function mailReads({ kysely }: Session): Reads['mails'] {
  return {
    async find(id) {
      const record = await kysely
        .selectFrom('mails')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      return record && mailRow.fromRecord(record);
    },
    async isDue(now) {
      const due = await kysely
        .selectFrom('mails')
        .select('id')
        .where('status', '=', waiting)
        .where('due_at', '<=', now)
        .limit(1)
        .executeTakeFirst();
      return due !== undefined;
    },
  };
}

/** Takes a session that writes; gives the mails' part of `Tx`. */
export function mailWrites({ kysely }: WriteSession): Tx['mails'] {
  return {
    async insert(mail) {
      await kysely.insertInto('mails').values(mailRow.toRecord(mail)).execute();
    },
    async claim({ nodeId, now, leaseUntil, limit }) {
      // One statement: of two nodes the second waits for the first, looks again, and finds them not due.
      const records = await kysely
        .updateTable('mails')
        .set({ locked_by: nodeId, due_at: leaseUntil })
        .where('id', 'in', (mails) =>
          mails
            .selectFrom('mails')
            .select('id')
            .where('status', '=', waiting)
            .where('due_at', '<=', now)
            .orderBy('due_at')
            .orderBy('id')
            .limit(limit),
        )
        .where('due_at', '<=', now)
        .returningAll()
        .execute();
      return records.map(mailRow.fromRecord).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    },
    async finish({ id, status, attempts, dueAt, lockedBy, doneAt, error }, nodeId) {
      await kysely
        .updateTable('mails')
        .set({
          status,
          attempts,
          due_at: dueAt,
          locked_by: lockedBy,
          done_at: doneAt,
          error,
        })
        .where('id', '=', id)
        .where('locked_by', '=', nodeId)
        .execute();
    },
  };
}
