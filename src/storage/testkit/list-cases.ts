import { describe, expect, it } from 'vitest';

import type { AccountId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Given } from './given.ts';
import { MINUTE, START, linkA, linkB } from './fixtures.ts';

const page = { limit: 10, offset: 0 };

/** Replies, timelines, and receipts that came too early. */
export function listCases(given: Given): void {
  describe('replies', () => {
    const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

    it('are new once, whatever characters the network’s id has', async () => {
      const { storage, rows } = given;
      const reply = rows.reply({ upstreamId: 'a\0b' });
      const again = { ...rows.reply(), upstreamId: reply.upstreamId };
      const insert = (...replies: (typeof reply)[]) =>
        storage.write((tx) => tx.replies.insert(replies));
      expect(await insert(reply)).toEqual([reply]);
      expect(await insert(again)).toEqual([]);
    });

    it('are one when the network says them twice on one link', async () => {
      const { storage, rows } = given;
      const first = rows.reply({ upstreamId: 'id' });
      const again = rows.reply({ upstreamId: 'id', text: 'other text' });
      const elsewhere = rows.reply({ upstreamId: 'id', linkId: linkB });
      const [noId, noIdAgain] = [rows.reply(), rows.reply()];
      const insert = (...replies: (typeof first)[]) =>
        storage.write((tx) => tx.replies.insert(replies));
      expect(await insert(first, again)).toEqual([first]);
      expect(await insert(again, elsewhere, noId, noIdAgain)).toEqual([elsewhere, noId, noIdAgain]);
      expect(await storage.read.replies.unowned(page)).toHaveLength(4);
    });

    it('are listed by account, newest first, page by page', async () => {
      const { storage, rows } = given;
      const old = rows.reply({ accountId: mine, receivedAt: START - 5, keyword: 'stop' });
      const young = rows.reply({ accountId: mine, messageId: rows.id(), text: 'Ja 👍' });
      const middle = rows.reply({ accountId: mine, receivedAt: START - 1 });
      const foreign = rows.reply({ accountId: other });
      const unowned = rows.reply();
      await storage.write((tx) => tx.replies.insert([old, young, middle, foreign, unowned]));
      const { replies } = storage.read;
      expect(await replies.list(mine, page)).toEqual([young, middle, old]);
      expect(await replies.list(mine, { limit: 1, offset: 1 })).toEqual([middle]);
      expect(await replies.list(other, page)).toEqual([foreign]);
      expect(await replies.unowned(page)).toEqual([unowned]);
    });
  });

  it('timeline: in the order of writing, also within a millisecond', async () => {
    const { storage, rows } = given;
    const [message, other] = rows.messages(2) as [Message, Message];
    const entries = ['one', 'two', 'three'].map((what) => ({
      messageId: message.id,
      at: START,
      what,
      detail: what === 'two' ? 'more' : null,
    }));
    await storage.write(async (tx) => {
      await tx.timeline.insert(entries.slice(0, 2));
      await tx.timeline.insert([{ messageId: other.id, at: START, what: 'x', detail: null }]);
      await tx.timeline.insert(entries.slice(2));
    });
    expect(await storage.read.messages.timeline(message.id)).toEqual(entries);
  });

  it('parked receipts: taken once, in the order they came', async () => {
    const { storage } = given;
    const receipt = (upstreamId: string, detail: string, linkId = linkA) => ({
      linkId,
      upstreamId,
      status: 'delivered' as const,
      detail,
      at: START,
    });
    const [first, second, elsewhere, kept] = [
      receipt('a', '1'),
      receipt('a', '2'),
      receipt('a', '3', linkB),
      receipt('b', '4'),
    ];
    const take = (...ids: string[]) =>
      storage.write((tx) =>
        tx.parkedReceipts.take(ids.map((upstreamId) => ({ linkId: linkA, upstreamId }))),
      );
    await storage.write((tx) => tx.parkedReceipts.insert([first, elsewhere, second, kept]));
    expect(await take('nothing', 'a')).toEqual([first, second]);
    expect(await take('a')).toEqual([]);
    expect(await take('b', 'b')).toEqual([kept]);
  });

  it('rates: so many in a window that begins with the first, each name by itself', async () => {
    const { storage } = given;
    const limit = { most: 2, windowMs: MINUTE };
    const take = (name: string, now: number) =>
      storage.write((tx) => tx.rates.take(name, limit, now));
    expect(await take('a', START)).toBe(0);
    expect(await take('a', START + 1_000)).toBe(0);
    expect(await take('a', START + 2_000)).toBe(MINUTE - 2_000);
    expect(await take('b', START + 2_000)).toBe(0);
    expect(await take('a', START + MINUTE - 1)).toBe(1);
    expect(await take('a', START + MINUTE)).toBe(0);
    expect(await take('a', START + MINUTE)).toBe(0);
    expect(await take('a', START + MINUTE)).toBe(MINUTE);
    const none = { most: 0, windowMs: MINUTE };
    expect(await storage.write((tx) => tx.rates.take('c', none, START))).toBe(MINUTE);
  });

  it('a healthy engine has no problems', async () => {
    expect(await given.storage.read.problems()).toEqual(given.knownProblems);
    await given.storage.ping();
  });
}
