import { describe, expect, it } from 'vitest';

import type { AccountId, CredentialId } from '../../core/ids.ts';
import type { Message, TimelineEntry } from '../../core/messages/message.ts';
import { messageStatuses } from '../../core/messages/status.ts';
import type { RetentionCuts } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { cutsAt, DAY, MINUTE, START, linkA, nodeA } from './fixtures.ts';

const page = { limit: 100, offset: 0 };
const nothing = cutsAt(0);

/** What is deleted when its time is over. */
export function retentionCases(given: Given): void {
  const retain = (cuts: Partial<RetentionCuts>, limit = 100) =>
    given.storage.write((tx) => tx.retain({ ...nothing, ...cuts }, limit));

  describe('retain', () => {
    it('deletes ended messages with their parts and timeline, never others', async () => {
      const { storage, rows } = given;
      const createdAt = START - 10 * DAY;
      const ended = rows.claimed({ createdAt, dueAt: START + MINUTE });
      const fresh = rows.message({ createdAt, status: 'delivered', doneAt: START });
      const unended = messageStatuses.map((status) => rows.message({ createdAt, status }));
      await storage.write(async (tx) => {
        await tx.messages.insert([ended, fresh, ...unended]);
        await tx.messages.handOver([ended], { nodeId: nodeA, now: createdAt, answerBy: START });
        await tx.timeline.insert([{ messageId: ended.id, at: createdAt, what: 'x', detail: null }]);
        const doneAt = createdAt + 1;
        await tx.messages.save([{ ...ended, status: 'failed', doneAt }], { from: 'sending' });
      });
      expect(await retain({ messages: createdAt + 1 })).toBe(0);
      expect(await retain({ messages: START })).toBe(1);
      const { messages } = storage.read;
      expect(await messages.findAny(ended.id)).toBeUndefined();
      expect(await messages.parts(ended.id)).toEqual([]);
      expect(await messages.timeline(ended.id)).toEqual([]);
      for (const message of [fresh, ...unended]) {
        expect(await messages.findAny(message.id)).toEqual(message);
      }
    });

    it('deletes at most so many at once, the oldest first', async () => {
      const { storage, rows } = given;
      const old = rows.messages(7, (at) => ({
        createdAt: START - DAY + at,
        status: 'delivered',
        doneAt: START - DAY + at,
      }));
      await storage.write((tx) => tx.messages.insert(old));
      expect(await retain({ messages: START }, 4)).toBe(4);
      const left = await Promise.all(old.map(({ id }) => storage.read.messages.findAny(id)));
      expect(left).toEqual([...new Array<undefined>(4).fill(undefined), ...old.slice(4)]);
      expect(await retain({ messages: START }, 4)).toBe(3);
      expect(await retain({ messages: START }, 4)).toBe(0);
    });

    it('deletes remarks by when they were made, and keeps their messages', async () => {
      const { storage, rows } = given;
      const message = rows.message({ createdAt: START - 30 * DAY, status: 'sent' });
      const [old, young] = [START - 20 * DAY, START].map((at) => ({
        messageId: message.id,
        at,
        what: 'retry',
        detail: null,
      })) as [TimelineEntry, TimelineEntry];
      await storage.write(async (tx) => {
        await tx.messages.insert([message]);
        await tx.timeline.insert([old, young]);
      });
      expect(await retain({ timeline: START - 20 * DAY })).toBe(0);
      expect(await retain({ timeline: START - 10 * DAY })).toBe(1);
      expect(await storage.read.messages.timeline(message.id)).toEqual([young]);
      expect(await storage.read.messages.findAny(message.id)).toEqual(message);
    });

    it('deletes short links with their visits, and visits before', async () => {
      const { storage, rows } = given;
      const [old, young] = [rows.shortLink({ createdAt: START - DAY }), rows.shortLink()];
      const visits = [
        rows.visit(young, { at: START - MINUTE }),
        rows.visit(young),
        rows.visit(old),
      ] as const;
      await storage.write(async (tx) => {
        await tx.shortLinks.insert([old, young]);
        await tx.shortLinks.insertVisits(visits);
      });
      const { shortLinks } = storage.read;
      expect(await retain({ shortLinks: START - DAY })).toBe(0);
      expect(await retain({ visits: START })).toBe(1);
      expect(await shortLinks.visits(young.code)).toEqual([visits[1]]);
      // The day that it was made on is over.
      expect(await retain({ shortLinks: START })).toBe(1);
      expect(await shortLinks.find(old.code)).toBeUndefined();
      expect(await shortLinks.visits(old.code)).toEqual([]);
      expect(await shortLinks.find(young.code)).toEqual(young);
    });

    it('deletes each kind by its own time', async () => {
      const { storage, rows } = given;
      const past = START - DAY;
      const account = rows.account();
      const key = (name: string, createdAt: number) => ({
        credentialId: 'c' as CredentialId,
        key: name,
        fingerprint: 'f',
        answer: 'a',
        createdAt,
      });
      const receipt = (upstreamId: string, at: number) => ({
        linkId: linkA,
        upstreamId,
        status: 'failed' as const,
        detail: null,
        at,
      });
      const notification = rows.notification({
        createdAt: past,
        status: 'failed',
        doneAt: past,
        accountId: account.id,
      });
      const waiting = rows.notification({ createdAt: past, accountId: account.id });
      const [oldReply, reply] = [
        rows.reply({ receivedAt: past, accountId: account.id }),
        rows.reply({ accountId: account.id }),
      ];
      await storage.write(async (tx) => {
        await tx.notifications.insert([notification, waiting]);
        await tx.notifications.finish([
          {
            notification,
            claimed: notification,
            attempt: {
              notificationId: notification.id,
              number: 1,
              at: past,
              durationMs: 1,
              status: 500,
              detail: null,
            },
          },
        ]);
        await tx.replies.insert([oldReply, reply]);
        await tx.idempotency.insert([key('old', past), key('new', START)]);
        await tx.parkedReceipts.insert([receipt('old', past), receipt('new', START)]);
        await tx.rates.take('old', { most: 1, windowMs: MINUTE }, past);
        await tx.rates.take('new', { most: 1, windowMs: MINUTE }, START);
        await tx.ledger.insert([rows.ledgerEntry(account.id, 1, { at: past })]);
      });

      expect(await retain({ rates: START })).toBe(1);
      expect(await retain({ notifications: START })).toBe(1);
      expect(await storage.read.notifications.list(account.id, page)).toEqual([waiting]);
      expect(await storage.read.notifications.attempts(notification.id)).toEqual([]);

      expect(await retain({ replies: START })).toBe(1);
      expect(await storage.read.replies.list(account.id, page)).toEqual([reply]);

      expect(await retain({ idempotency: START })).toBe(1);
      expect(await retain({ parkedReceipts: START })).toBe(1);
      const [keys, receipts] = await storage.write(async (tx) => [
        await tx.idempotency.find([key('old', 0), key('new', 0)]),
        await tx.parkedReceipts.take([receipt('old', 0), receipt('new', 0)]),
      ]);
      expect(keys).toEqual([key('new', START)]);
      expect(receipts).toEqual([receipt('new', START)]);
      // Money is never forgotten.
      expect(await storage.read.ledger.list(account.id, page)).toHaveLength(1);
    });
  });

  it('no account sees what is another one’s', async () => {
    const { storage, rows } = given;
    const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];
    const message: Message = rows.message({ accountId: mine, clientRef: 'ref' });
    await storage.write(async (tx) => {
      await tx.messages.insert([message]);
      await tx.replies.insert([rows.reply({ accountId: mine })]);
      await tx.ledger.insert([rows.ledgerEntry(mine, 5)]);
      await tx.optouts.add([rows.optout(mine, message.destination)]);
      await tx.notifications.insert([rows.notification({ accountId: mine, about: message })]);
    });
    const { read } = storage;
    expect(await read.messages.find(other, [message.id])).toEqual([]);
    expect(await read.messages.search({ accountId: other, clientRef: '%', ...page })).toEqual([]);
    expect(await read.replies.list(other, page)).toEqual([]);
    expect(await read.ledger.list(other, page)).toEqual([]);
    expect(await read.optouts.list(other, page)).toEqual([]);
    const about = { ...page, messageId: message.id };
    expect(await read.notifications.list(other, about)).toEqual([]);
    expect(await read.notifications.list(mine, about)).toHaveLength(1);
  });
}
