import type { LinkId } from '../../core/ids.ts';
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
export function parkedReceiptWrites({ bulk, hold }: WriteSession): Tx['parkedReceipts'] {
  const answersOf = (linkIds: readonly LinkId[]) => linkIds.map((id) => `answers of ${id}`);
  const seqAt = take.columns.length - 1;
  return {
    async awaitAnswers(linkIds) {
      await hold(answersOf(linkIds), 'alone');
    },
    async insert(receipts) {
      await bulk.insert(insert, receipts.map(receiptRow.encode));
    },
    async take(keys) {
      await hold(answersOf(keys.map(({ linkId }) => linkId)), 'shared');
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
