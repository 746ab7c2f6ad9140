import { describe, expect, it } from 'vitest';

import type { AccountId } from '../../core/ids.ts';
import type { Given } from './engine-suite.ts';
import { START, linkB } from './fixtures.ts';

const page = { limit: 10, offset: 0 };

/** Replies. */
export function listCases(given: Given): void {
  describe('replies', () => {
    const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

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

  it('a healthy engine has no problems', async () => {
    expect(await given.storage.read.problems()).toEqual([]);
    await given.storage.ping();
  });
}
