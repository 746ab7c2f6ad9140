import { sql } from 'kysely';

import type { GatheringKey } from '../../core/messages/gathering.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Take, Update, WriteSession } from '../engine.ts';
import type { Row } from '../row.ts';
import { gatheringRow } from '../tables.ts';

const key = ['account_id', 'key'] as const;

const byKey: Select = { table: 'gatherings', columns: gatheringRow.columns, key };
const insert: Insert = { table: 'gatherings', columns: gatheringRow.columns };
const save: Update = { table: 'gatherings', key, set: ['pieces'] };
const finish: Update = { table: 'gatherings', key, set: ['pieces', 'done_at', 'digests'] };
const remove: Take = { table: 'gatherings', columns: ['id'], key };

/** Takes a session that reads; gives the gatherings' part of `Reads`. */
export function gatheringReads({ kysely }: Session): Reads['gatherings'] {
  return {
    async find(accountId, id) {
      const record = await kysely
        .selectFrom('gatherings')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('id', '=', id)
        .where('done_at', 'is', null)
        .executeTakeFirst();
      return record && gatheringRow.fromRecord(record);
    },
    async overdue(before, limit) {
      const records = await kysely
        .selectFrom('gatherings')
        .selectAll()
        .where('created_at', '<', before)
        .where('done_at', 'is', null)
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return records.map(gatheringRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the gatherings' part of `Tx`. */
export function gatheringWrites({ bulk, hold, kysely }: WriteSession): Tx['gatherings'] {
  return {
    async lock(keys) {
      // A gathering is no row while its first piece is missing.
      await hold(
        keys.map((one) => `gathering ${JSON.stringify(keyOf(one))}`),
        'alone',
      );
      const rows = await bulk.select(byKey, keys.map(keyOf));
      return rows.map(([row]) => row && gatheringRow.decode(row));
    },
    async count(accountId, atMost) {
      const { rows } = await sql<{ count: number | string }>`
        select count(*) as count from (
          select 1 from gatherings where account_id = ${accountId} and done_at is null
          limit ${atMost}
        ) as few`.execute(kysely);
      return Number(rows[0]?.count ?? 0);
    },
    async insert(gatherings) {
      await bulk.insert(insert, gatherings.map(gatheringRow.encode));
    },
    async save(gatherings) {
      await bulk.update(
        save,
        gatherings.map((one) => [JSON.stringify(one.pieces), ...keyOf(one)]),
      );
    },
    async finish(gatherings) {
      await bulk.update(
        finish,
        gatherings.map((one) => ['[]', one.doneAt, JSON.stringify(one.digests), ...keyOf(one)]),
      );
    },
    async forgetDone(before, limit) {
      const { numAffectedRows } = await sql`
        delete from gatherings where done_at is not null and (account_id, key) in (
          select account_id, key from gatherings where done_at < ${before} limit ${limit}
        )`.execute(kysely);
      return Number(numAffectedRows ?? 0n);
    },
    async remove(keys) {
      await bulk.take(remove, keys.map(keyOf));
    },
  };
}

function keyOf({ accountId, key: name }: GatheringKey): Row {
  return [accountId, name];
}
