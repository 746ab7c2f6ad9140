import type { Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, WriteSession } from '../engine.ts';
import { idempotencyRow } from '../tables.ts';

const find: Select = {
  table: 'idempotency',
  columns: idempotencyRow.columns,
  key: ['credential_id', 'key'],
};

const insert: Insert = { table: 'idempotency', columns: idempotencyRow.columns };

/** Takes a session that writes; gives the idempotency keys' part of `Tx`. */
export function idempotencyWrites({ bulk }: WriteSession): Tx['idempotency'] {
  return {
    async find(keys) {
      const rows = await bulk.select(
        find,
        keys.map(({ credentialId, key }) => [credentialId, key]),
      );
      return rows.flat().map(idempotencyRow.decode);
    },
    async insert(records) {
      await bulk.insert(insert, records.map(idempotencyRow.encode));
    },
  };
}
