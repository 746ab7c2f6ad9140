import { describe, expect, it } from 'vitest';

import type { AccountId, LinkId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import { millicredits } from '../../core/money.ts';
import type { LinkReport, QueuePlace } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { DAY, idsOf, linkA, linkB, MINUTE, nodeA, nodeB, START } from './fixtures.ts';

/** What routing keeps and asks: facts of a message, a link's queue, what holders say, what it all came to. */
export function routingCases(given: Given): void {
  const insert = (...messages: Message[]) =>
    given.storage.write((tx) => tx.messages.insert(messages));

  it('a message keeps what rules ask of it, and what it costs', async () => {
    const { storage, rows } = given;
    const plain = rows.message();
    const full = rows.message({
      product: 'MKT',
      channel: 'somedialect',
      tags: ['a, b', 'ü'],
      cost: millicredits(31),
    });
    await insert(plain, full);
    const find = (message: Message) => storage.read.messages.findAny(message.id);
    expect(await find(plain)).toEqual(plain);
    expect(await find(full)).toEqual(full);
    const dearer = { ...full, linkId: linkB, cost: millicredits(40) };
    await storage.write((tx) => tx.messages.save([dearer], { from: 'queued' }));
    expect(await find(full)).toEqual(dearer);
  });

  it('a message that was not taken forgets its parts: the next link may make fewer of it', async () => {
    const { storage, rows } = given;
    const [one, other] = rows.messages(2, () => ({ parts: 3 })) as [Message, Message];
    await insert(one, other);
    const lease = { nodeId: nodeA, now: START, leaseUntil: START + MINUTE, limit: 10 };
    const handOver = { nodeId: nodeA, now: START, answerBy: START + 9 };
    await storage.write(async (tx) => {
      const claimed = await tx.messages.claim({ ...lease, linkId: linkA });
      await tx.messages.handOver(claimed, handOver);
      await tx.parts.remove([one.id, rows.id()]);
      const back = { ...one, lockedBy: nodeA, dueAt: START + MINUTE };
      await tx.messages.save([back], { from: 'sending' });
      await tx.messages.handOver([back], { ...handOver, wireParts: new Map([[one.id, 2]]) });
    });
    expect(await storage.read.messages.parts(one.id)).toHaveLength(2);
    expect(await storage.read.messages.parts(other.id)).toHaveLength(3);
  });

  describe('waitingFor', () => {
    const pages = async (limit: number, now = START): Promise<Message[]> => {
      const found: Message[] = [];
      let after: QueuePlace | null = null;
      for (;;) {
        const page: Message[] = await given.storage.read.messages.waitingFor(linkA, {
          after,
          now,
          limit,
        });
        found.push(...page);
        if (page.length < limit) return found;
        after = page.at(-1) as Message;
      }
    };

    it.each([1, 2, 3, 100])('goes by priority, then age, page by page of %d', async (limit) => {
      const { rows } = given;
      const [urgent, old, young, later, low] = [
        rows.message({ priority: 7 }),
        rows.message({ dueAt: START - 5 }),
        rows.message(),
        rows.message({ dueAt: START + DAY }),
        rows.message({ priority: -1, dueAt: START - 9 }),
      ];
      await insert(low, later, young, old, urgent);
      expect(await pages(limit)).toEqual([urgent, old, young, later, low]);
    });

    it('finds all of one instant, however they fall on the pages', async () => {
      const { rows } = given;
      const many = rows.messages(25, (at) => ({ priority: at % 2 }));
      await insert(...many);
      const found = idsOf(await pages(4));
      expect(found.toSorted()).toEqual(idsOf(many).toSorted());
      expect(new Set(found).size).toBe(25);
    });

    it('leaves out what somebody holds, other links and other states', async () => {
      const { rows } = given;
      const [free, held, ended] = [
        rows.message(),
        rows.claimed(),
        rows.claimed({ dueAt: START - 1 }),
      ];
      const others = (['scheduled', 'sending', 'sent', 'failed'] as const).map((status) =>
        rows.message({ status }),
      );
      await insert(free, held, ended, rows.message({ linkId: linkB }), ...others);
      expect(idsOf(await pages(10)).toSorted()).toEqual(idsOf([free, ended]).toSorted());
      expect(await pages(10, START + MINUTE)).toHaveLength(3);
    });
  });

  describe('what holders say of their links', () => {
    const hold = (nodeId = nodeA, now = START) =>
      given.storage.write((tx) =>
        tx.linkHolders.hold([{ linkId: linkA, slots: 2 }], { nodeId, now, until: now + MINUTE }),
      );
    const report: LinkReport = {
      linkId: linkA,
      state: 'down',
      since: START - 5,
      demotedSince: START - 9,
      receipts: 200,
      failures: 120,
    };
    const list = () => given.storage.read.linkHolders.list();

    it('stands beside their lease, until somebody else takes the slot', async () => {
      const { storage } = given;
      await hold();
      await hold(nodeB);
      const foreign = { ...report, linkId: linkB };
      await storage.write((tx) => tx.linkHolders.tell(nodeA, [report, foreign]));
      const a = { ...report, slot: 1, nodeId: nodeA, until: START + MINUTE };
      const silent = {
        state: null,
        since: null,
        demotedSince: null,
        receipts: null,
        failures: null,
      };
      expect(await list()).toEqual([
        a,
        { ...silent, linkId: linkA, slot: 2, nodeId: nodeB, until: START + MINUTE },
      ]);
      await hold(nodeA, START + 1_000);
      expect((await list())[0]).toEqual({ ...a, until: START + 1_000 + MINUTE });
      const nodeC = 'node-c' as typeof nodeA;
      await hold(nodeC, START + 9 * MINUTE);
      expect((await list())[0]).toMatchObject({ ...silent, nodeId: nodeC });
    });
  });

  describe('turnover', () => {
    const [shop, other] = ['shop', 'other'] as AccountId[] as [AccountId, AccountId];
    const done = (over: Partial<Message>) =>
      given.rows.message({
        accountId: shop,
        status: 'delivered',
        cost: millicredits(300),
        sentAt: START,
        doneAt: START,
        ...over,
      });
    const turnover = (from = START, until = START + DAY) =>
      given.storage.read.messages.turnover({ from, until });
    const sums = (accountId: AccountId, linkId: LinkId, over: object) => ({
      accountId,
      linkId,
      messages: 1,
      parts: 1,
      price: 1000,
      refunded: 0,
      cost: 300,
      costUnknown: 0,
      ...over,
    });

    it('adds up by account and link', async () => {
      await insert(
        done({}),
        done({ parts: 2, price: millicredits(2000), cost: millicredits(600) }),
        done({ linkId: linkB, cost: null }),
        done({ accountId: other, status: 'sent', doneAt: null }),
      );
      expect(await turnover()).toEqual([
        sums(other, linkA, {}),
        sums(shop, linkA, { messages: 2, parts: 3, price: 3000, cost: 900 }),
        sums(shop, linkB, { cost: 0, costUnknown: 1 }),
      ]);
    });

    it('knows what was given back, and that what never left costs nothing', async () => {
      const [failed, refused, lost, waiting, unrouted] = [
        done({ status: 'failed' }),
        done({ status: 'rejected', sentAt: null }),
        done({ status: 'unknown', sentAt: null }),
        done({ status: 'queued', sentAt: null, doneAt: null }),
        done({ status: 'rejected', sentAt: null, linkId: null, cost: null }),
      ];
      await insert(failed, refused, lost, waiting, unrouted);
      await given.storage.write((tx) =>
        tx.timeline.insert([
          { messageId: failed.id, at: START, what: 'retry', detail: '7' },
          { messageId: failed.id, at: START, what: 'refunded', detail: '0.8' },
          { messageId: refused.id, at: START, what: 'refunded', detail: '1' },
        ]),
      );
      expect(await turnover()).toEqual([
        sums(shop, linkA, { messages: 3, parts: 3, price: 3000, refunded: 1800, cost: 600 }),
      ]);
    });

    it('takes in what was accepted in its span', async () => {
      const at = (createdAt: number) => done({ createdAt });
      await insert(at(START - 1), at(START), at(START + 99), at(START + 100));
      expect(await turnover(START, START + 100)).toEqual([
        sums(shop, linkA, { messages: 2, parts: 2, price: 2000, cost: 600 }),
      ]);
      expect(await turnover(START + 101)).toEqual([]);
    });
  });
}
