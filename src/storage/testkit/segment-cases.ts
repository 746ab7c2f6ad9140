import { describe, expect, it } from 'vitest';

import type { StoredSegment } from '../../core/delivery/segment.ts';
import type { E164 } from '../../text/phone-number.ts';
import { linkA, linkB, nodeA, START } from './fixtures.ts';
import type { Given } from './given.ts';

/** Segments of long replies. */
export function segmentCases(given: Given): void {
  const insert = (...segments: StoredSegment[]) =>
    given.storage.write((tx) => tx.segments.insert(segments));
  const stored = (...groups: StoredSegment[]) =>
    given.storage.write((tx) => tx.segments.lock(groups));

  describe('segments', () => {
    it('are given by their group, in order', async () => {
      const { rows } = given;
      const [second, first] = [rows.segment({ number: 2, octets: 'AA==' }), rows.segment()];
      const others = [
        rows.segment({ linkId: linkB }),
        rows.segment({ from: '+61400000099' as E164 }),
        rows.segment({ to: '61400000001' }),
        rows.segment({ reference: 8 }),
        rows.segment({ total: 3 }),
      ];
      await insert(second, first, ...others);
      expect(await stored(first, ...others)).toEqual([[first, second], ...others.map((o) => [o])]);
      expect(await stored(rows.segment({ reference: 9 }))).toEqual([[]]);
    });

    it('are marked and removed as a group', async () => {
      const { rows } = given;
      const [first, second] = [rows.segment(), rows.segment({ number: 2 })];
      const other = rows.segment({ reference: 8 });
      await insert(first, second, other);
      await given.storage.write((tx) => tx.segments.join([first], START + 5));
      expect(await stored(first, other)).toEqual([
        [first, second].map((one) => ({ ...one, joinedAt: START + 5 })),
        [other],
      ]);
      await given.storage.write((tx) => tx.segments.remove([first]));
      expect(await stored(first, other)).toEqual([[], [other]]);
    });

    it('are overdue when they are old and not joined', async () => {
      const { rows } = given;
      const old = rows.segment({ at: START - 1 });
      const oldToo = rows.segment({ at: START - 1, number: 2 });
      const joined = rows.segment({ at: START - 1, reference: 8, joinedAt: START });
      await insert(old, oldToo, joined, rows.segment({ reference: 9 }));
      const { linkId, from, to, reference, total } = old;
      const overdue = (limit: number) =>
        given.storage.write((tx) => tx.segments.overdue(START, limit));
      expect(await overdue(10)).toEqual([{ linkId, from, to, reference, total }]);
      expect(await overdue(0)).toEqual([]);
    });
  });

  describe('receipts by the network’s id', () => {
    it('find all its bearers, newest first', async () => {
      const { rows } = given;
      const messages = Array.from({ length: 12 }, () => rows.claimed());
      const parts = messages.map((message, at) =>
        rows.part(message, { upstreamId: 'again', status: 'sent', sentAt: START + at }),
      );
      await given.storage.write(async (tx) => {
        await tx.messages.insert(messages);
        await tx.messages.handOver(messages, { nodeId: nodeA, now: START, answerBy: START });
      });
      await given.storage.write(async (tx) => {
        await tx.parts.save(parts);
      });
      const keys = [
        { linkId: linkA, upstreamId: 'again' },
        { linkId: linkB, upstreamId: 'again' },
      ];
      const [bearers, none] = await given.storage.write((tx) => tx.parts.allByUpstream(keys));
      expect(none).toEqual([]);
      expect(bearers).toEqual(parts.toReversed().slice(0, 10));
    });

    it('wait with the numbers that they name', async () => {
      const receipt = {
        linkId: linkA,
        upstreamId: '7',
        status: 'delivered' as const,
        detail: null,
        at: START,
      };
      const named = { ...receipt, numbers: ['61412345678', '61400000000'] };
      await given.storage.write((tx) => tx.parkedReceipts.insert([receipt, named]));
      const taken = await given.storage.write((tx) =>
        tx.parkedReceipts.take([{ linkId: linkA, upstreamId: '7' }]),
      );
      expect(taken).toEqual([receipt, named]);
    });

    it('wait under each id that they may mean, and leave under all', async () => {
      const one = {
        linkId: linkA,
        upstreamId: '255',
        otherIds: ['ff', '597'],
        numbers: ['61412345678'],
        status: 'delivered' as const,
        detail: null,
        at: START,
      };
      const other = { ...one, upstreamId: '597', otherIds: ['255'], at: START + 1 };
      const take = (...ids: string[]) =>
        given.storage.write((tx) =>
          tx.parkedReceipts.take(ids.map((upstreamId) => ({ linkId: linkA, upstreamId }))),
        );
      await given.storage.write((tx) => tx.parkedReceipts.insert([one, other]));
      expect(await take('ff')).toMatchObject([{ upstreamId: 'ff', at: START }]);
      expect(await take('255', '597')).toMatchObject([
        { upstreamId: '255', at: START + 1 },
        { upstreamId: '597', at: START + 1 },
      ]);
      expect(await take('255', 'ff', '597')).toEqual([]);
    });

    it('wait as long as they were told to, and are taken under all their ids then', async () => {
      const receipt = (upstreamId: string, more: object = {}) => ({
        linkId: linkA,
        upstreamId,
        status: 'delivered' as const,
        detail: null,
        at: START,
        ...more,
      });
      const waiting = [
        receipt('later', { until: START + 2 }),
        receipt('first', { until: START, otherIds: ['1'], numbers: ['61412345678'] }),
        receipt('always'),
        receipt('second', { until: START + 1 }),
      ];
      const { storage } = given;
      const overdue = (now: number, limit = 10) =>
        storage.write((tx) => tx.parkedReceipts.overdue(now, limit));
      await storage.write((tx) => tx.parkedReceipts.insert(waiting));
      expect(await overdue(START + 1, 1)).toMatchObject([{ upstreamId: 'first', until: START }]);
      expect(await overdue(START + 1)).toMatchObject([{ upstreamId: 'second' }]);
      expect(await overdue(START + 1)).toEqual([]);
      const taken = await storage.write((tx) =>
        tx.parkedReceipts.take(
          ['later', '1', 'always'].map((upstreamId) => ({ linkId: linkA, upstreamId })),
        ),
      );
      expect(taken.map(({ upstreamId }) => upstreamId)).toEqual(['later', 'always']);
    });
  });
}
