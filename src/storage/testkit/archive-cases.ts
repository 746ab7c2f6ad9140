import { describe, expect, it } from 'vitest';

import type { ArchiveFile } from '../../core/archive/archive-file.ts';
import type { AccountId } from '../../core/ids.ts';
import type { RetentionCuts } from '../../core/ports/storage.ts';
import { firstIdAt } from '../partitions.ts';
import type { Given } from './given.ts';
import { cutsAt, DAY, idsOf, MINUTE, nodeA, nodeB, START } from './fixtures.ts';

const page = { limit: 100, offset: 0 };
const until = START + MINUTE;

/** What is known of the archive, and what goes there. */
export function archiveCases(given: Given): void {
  const claim = (nodeId = nodeA, now = START) =>
    given.storage.write((tx) => tx.archive.claim({ nodeId, now, until: now + MINUTE }));
  const begin = async (over: Partial<ArchiveFile> = {}): Promise<ArchiveFile> => {
    const file = given.rows.archiveFile(over);
    expect(await given.storage.write((tx) => tx.archive.begin(file))).toBe(true);
    return file;
  };
  const keep = async (over: Partial<ArchiveFile> = {}): Promise<ArchiveFile> => {
    const file = await begin(over);
    const kept: ArchiveFile = { ...file, ...over, state: 'kept', lockedBy: null };
    const held = { by: nodeA, until };
    expect(await given.storage.write((tx) => tx.archive.save(kept, held))).toBe(true);
    return kept;
  };
  const files = (search: Parameters<typeof given.storage.read.archive.files>[0] = {}) =>
    given.storage.read.archive.files(search, page);

  describe('archive', () => {
    it('has one file at most that is not kept, under one lease', async () => {
      expect(await claim()).toBeUndefined();
      const file = await begin();
      const second = given.rows.archiveFile();
      expect(await given.storage.write((tx) => tx.archive.begin(second))).toBe(false);
      expect(await files()).toEqual([]);
      expect(await claim(nodeB)).toBe('busy');
      expect(await claim(nodeA)).toEqual(file);
      const late = START + MINUTE;
      const taken = { ...file, lockedBy: nodeB, dueAt: late + MINUTE };
      expect(await claim(nodeB, late)).toEqual(taken);

      const mine = { by: nodeB, until: late + MINUTE };
      const { write } = given.storage;
      for (const held of [
        { by: nodeA, until },
        { ...mine, until: late },
      ]) {
        expect(await write((tx) => tx.archive.save(taken, held))).toBe(false);
        expect(await write((tx) => tx.archive.hand(file.id, held, mine))).toBe(false);
        expect(await write((tx) => tx.archive.forget(file.id, held))).toBe(false);
      }
      expect(await write((tx) => tx.archive.hand(file.id, mine, { by: null, until: 1 }))).toBe(
        true,
      );
      expect(await claim()).toEqual(file);
      expect(await write((tx) => tx.archive.forget(file.id, { by: nodeA, until }))).toBe(true);
      expect(await claim()).toBeUndefined();
    });

    it('of two that begin at once one does', async () => {
      const other = await given.another();
      const both = await Promise.all(
        [given.storage, other].map((storage) =>
          storage.write((tx) => tx.archive.begin(given.rows.archiveFile())),
        ),
      );
      expect(both.filter((begun) => begun)).toHaveLength(1);
    });

    it('takes a file that is kept in hand again, unless another one is', async () => {
      const kept = await keep();
      const again: ArchiveFile = { ...kept, state: 'written', lockedBy: nodeB, dueAt: until };
      const { write } = given.storage;
      expect(await write((tx) => tx.archive.reopen(again))).toBe(true);
      expect(await files()).toEqual([]);
      expect(await write((tx) => tx.archive.reopen(again))).toBe(false);
      expect(await claim()).toBe('busy');
      const held = { by: nodeB, until };
      expect(await write((tx) => tx.archive.save({ ...kept, bytes: 9 }, held))).toBe(true);
      expect(await files()).toEqual([{ ...kept, bytes: 9 }]);
    });

    it('lists what is kept by kind, account, day and id, the oldest first', async () => {
      const { rows } = given;
      const [mine, yours] = [rows.id<AccountId>(), rows.id<AccountId>()];
      const ids = rows.messages(4).map(({ id }) => id);
      const two = await keep({ day: 5, accounts: { [mine]: 1, [yours]: 2 } });
      const one = await keep({ day: 4, kind: 'replies', accounts: { [yours]: 1, '': 7 } });
      const three = await keep({ day: 6, firstId: ids[1] as string, lastId: ids[2] as string });
      expect(await files()).toEqual([one, two, three]);
      expect(await files({ kind: 'messages' })).toEqual([two, three]);
      expect(await files({ accountId: mine })).toEqual([two]);
      expect(await files({ accountId: yours })).toEqual([one, two]);
      expect(await files({ fromDay: 5 })).toEqual([two, three]);
      expect(await files({ fromDay: 5, beforeDay: 6 })).toEqual([two]);
      for (const [id, found] of [
        [ids[0], []],
        [ids[1], [three]],
        [ids[2], [three]],
        [ids[3], []],
      ] as const) {
        expect(await files({ id })).toEqual(found);
      }
      expect(await given.storage.read.archive.findFile(one.id)).toEqual(one);
      expect(await given.storage.read.archive.findFile(rows.id())).toBeUndefined();
    });

    it('finds what is old enough, in the order of time, with its parts', async () => {
      const { storage, rows } = given;
      const ended = (createdAt: number, doneAt: number | null) =>
        rows.message({ createdAt, doneAt, status: 'delivered' });
      const [late, first, second] = [
        ended(START - 3 * DAY, START + 1),
        ended(START - 2 * DAY, START - DAY),
        ended(START - 2 * DAY, START - 1),
      ];
      const old = rows.reply({ receivedAt: START - DAY });
      await storage.write(async (tx) => {
        await tx.messages.insert([{ ...first, status: 'sending' }]);
        await tx.messages.save([first], { from: 'sending' });
        await tx.messages.insert([late, second, ended(START - 2 * DAY, null), ended(START, START)]);
        await tx.replies.insert([old, rows.reply()]);
      });
      const { archive } = storage.read;
      expect(await archive.firstDue('messages', START)).toBe(first.id);
      expect(await archive.firstDue('replies', START)).toBe(old.id);
      expect(await archive.firstDue('messages', START - DAY)).toBeUndefined();
      const stretch = { cut: START, after: '', before: firstIdAt(START), limit: 10 };
      const parts = await storage.read.messages.parts(first.id);
      expect(parts).toHaveLength(1);
      expect(await archive.messages(stretch)).toEqual([
        { message: first, parts },
        { message: second, parts: [] },
      ]);
      expect(await archive.messages({ ...stretch, limit: 1 })).toHaveLength(1);
      const after = await archive.messages({ ...stretch, after: first.id });
      expect(after.map(({ message }) => message.id)).toEqual([second.id]);
      expect(await archive.messages({ ...stretch, before: first.id })).toEqual([]);
      expect(idsOf(await archive.replies(stretch))).toEqual([old.id]);
    });

    it('what is archived is deleted by nobody else', async () => {
      const { storage, rows } = given;
      const message = rows.message({ createdAt: START - DAY, status: 'failed', doneAt: START - 1 });
      const reply = rows.reply({ receivedAt: START - DAY });
      await storage.write(async (tx) => {
        await tx.messages.insert([message]);
        await tx.replies.insert([reply]);
      });
      const cuts: RetentionCuts = { ...cutsAt(START + 30 * DAY), archived: true };
      await storage.maintain(START + 30 * DAY, cuts);
      expect(await storage.write((tx) => tx.retain(cuts, 100))).toBe(0);
      expect(await storage.read.messages.findAny(message.id)).toEqual(message);
      const [locked] = await storage.write((tx) => tx.archive.lockReplies([reply.id]));
      expect(locked).toEqual(reply);
      await storage.write(async (tx) => {
        await tx.archive.removeMessages([message.id]);
        await tx.archive.removeReplies([reply.id]);
      });
      expect(await storage.read.messages.findAny(message.id)).toBeUndefined();
      expect(await storage.read.replies.unowned(page)).toEqual([]);
    });
  });
}
