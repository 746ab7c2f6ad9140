import type { Tx } from '../../core/ports/storage.ts';
import type { Insert, Take, WriteSession } from '../engine.ts';
import { receiptRow } from '../tables.ts';

const insert: Insert = { table: 'parked_receipts', columns: receiptRow.columns };

const take: Take = {
  table: 'parked_receipts',
  columns: [...receiptRow.columns, 'seq'],
  key: ['link_id', 'upstream_id'],
};

/** Takes a session that writes; gives the parked receipts' part of `Tx`. */
export function parkedReceiptWrites({ bulk }: WriteSession): Tx['parkedReceipts'] {
  const seqAt = take.columns.length - 1;
  return {
    async insert(receipts) {
      await bulk.insert(insert, receipts.map(receiptRow.encode));
    },
    async take(keys) {
      const taken = await bulk.take(
        take,
        keys.map(({ linkId, upstreamId }) => [linkId, upstreamId]),
      );
      return taken
        .flat()
        .toSorted((a, b) => Number(a[seqAt]) - Number(b[seqAt]))
        .map(receiptRow.decode);
    },
  };
}
