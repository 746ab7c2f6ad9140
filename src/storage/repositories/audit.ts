import type { AuditEntry } from '../../core/audit/entry.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';
import { type AuditColumns, auditRow } from '../tables.ts';
import { boundedPage } from './page.ts';

/** Takes a session that reads; gives the audit log's part of `Reads`. */
export function auditReads({ kysely }: Session): Reads['audit'] {
  return {
    async list({ accountId, before, limit }) {
      const page = boundedPage({ limit, offset: 0 });
      let query = kysely.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(page.limit);
      if (accountId !== undefined) query = query.where('account_id', '=', accountId);
      if (before !== undefined) query = query.where('id', '<', before);
      return (await query.execute()).map((record) => entryOf(auditRow.fromRecord(record)));
    },
  };
}

/** Takes a session that writes; gives the audit log's part of `Tx`. */
export function auditWrites({ kysely }: WriteSession): Tx['audit'] {
  return {
    async insert(entry) {
      await kysely
        .insertInto('audit')
        .values(auditRow.toRecord(columnsOf(entry)))
        .execute();
    },
  };
}

function columnsOf({ actor, ...entry }: AuditEntry): AuditColumns {
  const { kind, id, name, address } = actor;
  return { ...entry, actorKind: kind, actorId: id, actorName: name, address };
}

function entryOf({ actorKind, actorId, actorName, address, ...entry }: AuditColumns): AuditEntry {
  return { ...entry, actor: { kind: actorKind, id: actorId, name: actorName, address } };
}
