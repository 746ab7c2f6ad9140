import type { LinkId } from '../../core/ids.ts';
import type { Tx, UpstreamKey, WaitingReceipt } from '../../core/ports/storage.ts';
import type { Insert, Take, WriteSession } from '../engine.ts';
import type { Row } from '../row.ts';
import type { ParkedReceipt } from '../tables.ts';
import { receiptRow } from '../tables.ts';

const insert: Insert = { table: 'parked_receipts', columns: receiptRow.columns };

const take: Take = {
  table: 'parked_receipts',
  columns: [...receiptRow.columns, 'seq'],
  key: ['link_id', 'upstream_id'],
};

const takeOne: Take = { table: 'parked_receipts', columns: receiptRow.columns, key: ['seq'] };

/** Takes a session that writes; gives the parked receipts' part of `Tx`. */
export function parkedReceiptWrites({ bulk, kysely, hold }: WriteSession): Tx['parkedReceipts'] {
  const answersOf = (linkIds: readonly LinkId[]) => linkIds.map((id) => `answers of ${id}`);
  const seqAt = take.columns.length - 1;
  const takeRows = async (keys: readonly UpstreamKey[]) => {
    const rows = await bulk.take(
      take,
      keys.map(({ linkId, upstreamId }) => [linkId, upstreamId]),
    );
    return rows.flat().map((row) => ({ receipt: receiptRow.decode(row), seq: Number(row[seqAt]) }));
  };
  /** What was taken under one of its ids is not found under another. Who else waits under that one waits on. */
  const forgetOtherIds = async (taken: readonly ParkedReceipt[]): Promise<void> => {
    const others = taken.flatMap(({ ids, linkId, upstreamId }) =>
      (ids ?? []).flatMap((id) => (id === upstreamId ? [] : [{ linkId, upstreamId: id }])),
    );
    if (others.length === 0) return;
    const known = new Set(taken.map(keyOf));
    const foreign = (await takeRows(others)).filter(({ receipt }) => !known.has(keyOf(receipt)));
    await bulk.insert(
      insert,
      foreign.map(({ receipt }) => receiptRow.encode(receipt)),
    );
  };
  return {
    async answering(linkIds) {
      await hold(answersOf(linkIds), 'shared');
    },
    async awaitAnswers(linkIds) {
      await hold(answersOf(linkIds), 'alone');
    },
    async insert(receipts) {
      await bulk.insert(insert, receipts.flatMap(rowsOf));
    },
    async take(keys) {
      await hold(answersOf(keys.map(({ linkId }) => linkId)), 'shared');
      const taken = await takeRows(keys);
      await forgetOtherIds(taken.map(({ receipt }) => receipt));
      return taken.toSorted((a, b) => a.seq - b.seq).map(({ receipt }) => newsOf(receipt));
    },
    async overdue(now, limit) {
      const due = await kysely
        .selectFrom('parked_receipts')
        .select(['seq', 'link_id'])
        .where('until', '<=', now)
        .orderBy('until')
        .limit(limit)
        .execute();
      if (due.length === 0) return [];
      // An answer that names one of them may be about to be committed: then it takes it.
      await hold(answersOf([...new Set(due.map((row) => row.link_id))]), 'alone');
      const rows = await bulk.take(
        takeOne,
        due.map(({ seq }) => [seq]),
      );
      const taken = rows.flat().map(receiptRow.decode);
      await forgetOtherIds(taken);
      return taken.map(newsOf);
    },
  };
}

/** A row for each id that it may mean. That its time is over is looked at under the id that it names itself. */
function rowsOf({ otherIds = [], numbers, until, ...receipt }: WaitingReceipt): Row[] {
  const ids = [receipt.upstreamId, ...otherIds];
  return ids.map((upstreamId, at) =>
    receiptRow.encode({
      ...receipt,
      upstreamId,
      numbers: numbers ?? null,
      ids: ids.length > 1 ? ids : null,
      until: at === 0 ? (until ?? null) : null,
    }),
  );
}

function newsOf(receipt: ParkedReceipt): WaitingReceipt {
  const { linkId, upstreamId, numbers, status, detail, at, until } = receipt;
  return {
    linkId,
    upstreamId,
    ...(numbers && { numbers }),
    status,
    detail,
    at,
    ...(until !== null && { until }),
  };
}

/** What the rows of one receipt have in common. */
function keyOf({ linkId, ids, numbers, status, at }: ParkedReceipt): string {
  return JSON.stringify([linkId, ids, numbers, status, at]);
}
