import type { SegmentGroup, StoredSegment } from '../../core/delivery/segment.ts';
import type { Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Take, Update, WriteSession } from '../engine.ts';
import { segmentRow } from '../tables.ts';

const group = ['link_id', 'from_number', 'to_address', 'reference', 'total'] as const;

const ofGroup: Select = {
  table: 'reply_segments',
  columns: segmentRow.columns,
  key: group,
  orderBy: 'number',
};

const insert: Insert = { table: 'reply_segments', columns: segmentRow.columns };
const join: Update = { table: 'reply_segments', key: group, set: ['joined_at'] };
const remove: Take = { table: 'reply_segments', columns: ['number'], key: group };

/** Takes a session that writes; gives the segments' part of `Tx`. */
export function segmentWrites({ bulk, hold, kysely }: WriteSession): Tx['segments'] {
  return {
    async lock(groups) {
      // The group is no row while its first segment is missing.
      await hold(
        groups.map((one) => `segments ${JSON.stringify(keyOf(one))}`),
        'alone',
      );
      const rows = await bulk.select(ofGroup, groups.map(keyOf));
      return rows.map((own) => own.map((row) => segmentOf(segmentRow.decode(row))));
    },
    async insert(segments) {
      await bulk.insert(
        insert,
        segments.map(({ from, to, ...rest }) =>
          segmentRow.encode({ ...rest, fromNumber: from, toAddress: to }),
        ),
      );
    },
    async join(groups, at) {
      await bulk.update(
        join,
        groups.map((one) => [at, ...keyOf(one)]),
      );
    },
    async remove(groups) {
      await bulk.take(remove, groups.map(keyOf));
    },
    async overdue(before, limit) {
      const rows = await kysely
        .selectFrom('reply_segments')
        .select([...group])
        .where('joined_at', 'is', null)
        .where('at', '<', before)
        .orderBy('at')
        .limit(limit)
        .execute();
      // Each group once, though several of its segments may be old.
      const groups = new Map(rows.map((row) => [JSON.stringify(row), row]));
      return [...groups.values()].map((row) => ({
        linkId: row.link_id,
        from: row.from_number,
        to: row.to_address,
        reference: row.reference,
        total: row.total,
      }));
    },
  };
}

function keyOf({ linkId, from, to, reference, total }: SegmentGroup) {
  return [linkId, from, to, reference, total];
}

function segmentOf({
  fromNumber,
  toAddress,
  ...rest
}: ReturnType<typeof segmentRow.decode>): StoredSegment {
  return { ...rest, from: fromNumber, to: toAddress };
}
