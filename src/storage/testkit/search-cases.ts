import { describe, expect, it } from 'vitest';

import type { AccountId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { MessageSearch } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { DAY, START, idsOf, linkA, linkB, number } from './fixtures.ts';

/** Finding messages by what is in them. */
export function searchCases(given: Given): void {
  const accountId = 'mine' as AccountId;
  const insert = (...messages: Message[]) =>
    given.storage.write((tx) => tx.messages.insert(messages));
  const search = (over: Partial<MessageSearch> = {}) =>
    given.storage.read.messages.search({ accountId, limit: 100, offset: 0, ...over });

  describe('search', () => {
    const references = [
      'order-1',
      'order-10',
      'order-2',
      'Order-1',
      'order_1',
      'orderX1',
      '100%',
      '100 percent',
      'a\\b',
      'a\\_b',
      "it's",
      'schön 👋 1',
      'schön 👋 2',
      '%',
      '_',
    ];

    it.each<[string, string[]]>([
      ['order-1', ['order-1']],
      ['order-%', ['order-1', 'order-10', 'order-2']],
      ['order-1%', ['order-1', 'order-10']],
      ['%-1', ['order-1', 'Order-1']],
      ['%RDER-1', []],
      ['%der%1', ['order-1', 'Order-1', 'order_1', 'orderX1']],
      ['order_1', ['order_1']],
      ['order_%', ['order_1']],
      ['%_1', ['order_1']],
      ['%\\%', ['a\\b', 'a\\_b']],
      ['a\\%', ['a\\b', 'a\\_b']],
      ['a\\_b', ['a\\_b']],
      ["it's", ["it's"]],
      ["%'%", ["it's"]],
      ['schön 👋 %', ['schön 👋 1', 'schön 👋 2']],
      ['%👋%', ['schön 👋 1', 'schön 👋 2']],
      ['100%', ['100%', '100 percent']],
      ['%', references],
      ['_', ['_']],
      ['nothing', []],
      ['', []],
      ['%%', references],
    ])('client reference %j', async (clientRef, found) => {
      const { rows } = given;
      await insert(
        ...references.map((one) => rows.message({ accountId, clientRef: one })),
        rows.message({ accountId }),
        rows.message({ accountId: 'other' as AccountId, clientRef: 'order-1' }),
      );
      const messages = await search({ clientRef });
      expect(messages.map((one) => String(one.clientRef)).toSorted()).toEqual(found.toSorted());
      expect(idsOf(messages)).toEqual(idsOf(messages).toSorted().toReversed());
    });

    it('joins its conditions', async () => {
      const { rows } = given;
      const sent = rows.message({
        accountId,
        status: 'sent',
        clientRef: 'x',
        destination: number(2),
      });
      const queued = rows.message({ accountId, clientRef: 'x', destination: number(2) });
      const elsewhere = rows.message({ accountId, status: 'sent', destination: number(3) });
      const foreign = rows.message({ status: 'sent', clientRef: 'x', destination: number(2) });
      await insert(sent, queued, elsewhere, foreign);
      expect(await search()).toEqual([elsewhere, queued, sent]);
      expect(await search({ status: 'sent' })).toEqual([elsewhere, sent]);
      expect(await search({ destination: number(2) })).toEqual([queued, sent]);
      expect(await search({ status: 'sent', destination: number(2) })).toEqual([sent]);
      expect(await search({ status: 'sent', clientRef: 'x' })).toEqual([sent]);
      expect(await search({ status: 'failed' })).toEqual([]);
    });

    it.each([
      ['61400000010', ['+61400000010', '61400000010']],
      ['shop é', ['Shop é']],
      ['shop', []],
    ])('of what shows the sender %j', async (sender, found) => {
      const { rows } = given;
      const senders = ['61400000010', '+61400000010', '614000000101', 'Shop é', 'Shop_é'];
      await insert(
        ...senders.map((one) => rows.message({ accountId, status: 'scheduled', sender: one })),
      );
      const messages = await search({ status: 'scheduled', sender });
      expect(messages.map((one) => one.sender)).toEqual(found);
    });

    it('gives bounded pages, newest first', async () => {
      const { rows } = given;
      const messages = rows.messages(1_050, () => ({ accountId }));
      await insert(...messages);
      const newest = messages.toReversed();
      expect(idsOf(await search({ limit: 3 }))).toEqual(idsOf(newest.slice(0, 3)));
      expect(idsOf(await search({ limit: 3, offset: 2 }))).toEqual(idsOf(newest.slice(2, 5)));
      expect(await search({ limit: 10, offset: 1_045 })).toHaveLength(5);
      expect(await search({ limit: 10, offset: 2_000 })).toEqual([]);
      expect(await search({ limit: 1e9 })).toHaveLength(1_000);
      expect(await search({ limit: 0 })).toEqual([]);
      expect(await search({ limit: -1, offset: -1 })).toEqual([]);
      expect(await search({ limit: Number.NaN, offset: Number.NaN })).toEqual([]);
      expect(idsOf(await search({ limit: 1.9, offset: 0.9 }))).toEqual([newest[0]?.id]);
    });
  });

  describe('references', () => {
    it('are found as they are written, of each all messages, the oldest first', async () => {
      const { storage, rows } = given;
      const [a, b, wild, foreign, hidden] = [
        rows.message({ accountId, clientRef: 'a%' }),
        rows.message({ accountId, clientRef: 'a%' }),
        rows.message({ accountId, clientRef: 'ab' }),
        rows.message({ clientRef: 'a%' }),
        rows.message({ accountId, clientRef: 'a%', hiddenAt: START }),
      ];
      await insert(b, a, wild, foreign, hidden);
      const found = await storage.read.messages.ofRefs(accountId, ['ab', 'a%', 'x', 'a%']);
      expect(found).toEqual([[wild], [a, b], [], [a, b]]);
    });

    it('are taken by messages of their account, also by those that it sees no more', async () => {
      const { storage, rows } = given;
      await insert(
        rows.message({ accountId, clientRef: 'a' }),
        rows.message({ accountId, clientRef: 'b', hiddenAt: START }),
        rows.message({ clientRef: 'c' }),
      );
      const refs = ['a', 'b', 'c', 'A', '%'].map((clientRef) => ({ accountId, clientRef }));
      expect(await storage.write((tx) => tx.messages.refsTaken(refs))).toEqual([
        true,
        true,
        false,
        false,
        false,
      ]);
    });
  });

  it('shows the outlines of what came in by one way, newest first, in a span', async () => {
    const { storage, rows } = given;
    const messages = rows.messages(6, (at) => ({
      accountId,
      channel: at === 2 ? 'other' : 'one',
      createdAt: START + at,
      ...(at === 3 && { hiddenAt: START }),
      clientRef: `ref ${at}`,
    }));
    await insert(...messages, rows.message({ channel: 'one' }));
    const shown = (nths: number[]) =>
      nths.map((nth) => {
        const { id, clientRef, status, createdAt } = messages[nth] as Message;
        return { id, clientRef, status, createdAt };
      });
    const outlines = (created?: { from?: number; before?: number }) =>
      storage.read.messages.outlines(accountId, { channel: 'one', created });
    expect(await outlines()).toEqual(shown([5, 4, 1, 0]));
    expect(await outlines({ from: START + 1, before: START + 5 })).toEqual(shown([4, 1]));
  });

  it('finds by destination over many days, page by page', async () => {
    const { rows } = given;
    const messages = rows.messages(90, (at) => ({
      accountId: at % 3 === 0 ? ('other' as AccountId) : accountId,
      destination: number(at % 2),
      createdAt: START - 90 * DAY + at * DAY,
      clientRef: `ref ${at}`,
    }));
    await insert(...messages.slice(45), ...messages.slice(0, 45));
    const mine = idsOf(
      messages
        .filter((one) => one.accountId === accountId && one.destination === number(1))
        .toReversed(),
    );
    const pages = [];
    for (let offset = 0; offset < 40; offset += 7) {
      pages.push(...(await search({ destination: number(1), limit: 7, offset })));
    }
    expect(idsOf(pages)).toEqual(mine);
    const both = await search({ destination: number(1), clientRef: '%7' });
    expect(idsOf(both)).toEqual(
      mine.filter((id) => messages.find((one) => one.id === id)?.clientRef?.endsWith('7')),
    );
  });

  it('recentTo: for each number the newest of all accounts, not too old', async () => {
    const { storage, rows } = given;
    const to = (last: number, createdAt: number, account = accountId) =>
      rows.message({ destination: number(last), createdAt, accountId: account });
    const old = to(1, START - DAY - 1);
    const edge = to(1, START - DAY);
    const middle = to(1, START - 5, 'other' as AccountId);
    const [sameTime, sameTimeLater] = [to(1, START), to(1, START)];
    const second = to(2, START - 7);
    await insert(sameTime, old, second, sameTimeLater, edge, middle);
    const recent = (limit: number) =>
      storage.write((tx) =>
        tx.messages.recentTo([number(2), number(3), number(1)], START - DAY, limit),
      );
    expect(await recent(10)).toEqual([[second], [], [sameTimeLater, sameTime, middle, edge]]);
    expect(await recent(1)).toEqual([[second], [], [sameTimeLater]]);
  });

  it('repeated: the same text from the same sender to the same number, not too old', async () => {
    const { storage, rows } = given;
    const base = rows.message({ accountId, text: 'Hi', status: 'sent' });
    await insert(
      base,
      rows.message({ accountId, text: 'old', createdAt: START - 1 }),
      rows.message({ accountId: 'other' as AccountId, text: 'foreign' }),
      rows.message({ accountId, text: 'failed', status: 'failed' }),
      rows.message({ accountId, text: 'refused', status: 'rejected' }),
      rows.message({ accountId, text: 'cancelled', status: 'cancelled' }),
      rows.message({ accountId, text: 'expired', status: 'expired' }),
      rows.message({ accountId, text: 'waiting', status: 'scheduled' }),
      rows.message({ accountId, text: 'unknown', status: 'unknown' }),
    );
    const tries: [Partial<Message>, boolean][] = [
      [{}, true],
      [{ text: 'hi' }, false],
      [{ text: 'Hi ' }, false],
      [{ sender: 'Other' }, false],
      [{ destination: number(2) }, false],
      [{ text: 'old' }, false],
      [{ text: 'foreign' }, false],
      [{ text: 'failed' }, false],
      [{ text: 'refused' }, false],
      [{ text: 'cancelled' }, false],
      [{ text: 'expired' }, false],
      [{ text: 'waiting' }, true],
      [{ text: 'unknown' }, true],
    ];
    const found = await storage.write((tx) =>
      tx.messages.repeated(
        accountId,
        tries.map(([over]) => ({ ...base, ...over })),
        START,
      ),
    );
    expect(found).toEqual(tries.map(([, expected]) => expected));
  });

  it('lockScheduledTo: what an account has scheduled for a number', async () => {
    const { storage, rows } = given;
    const scheduled = rows.message({ accountId, status: 'scheduled' });
    const second = rows.message({ accountId, status: 'scheduled', dueAt: START + DAY });
    await insert(
      scheduled,
      second,
      rows.message({ accountId }),
      rows.message({ accountId, status: 'scheduled', destination: number(2) }),
      rows.message({ accountId: 'other' as AccountId, status: 'scheduled' }),
    );
    const found = await storage.write((tx) => tx.messages.lockScheduledTo(accountId, number(1)));
    expect(idsOf(found).toSorted()).toEqual(idsOf([scheduled, second]));
  });

  it('queueHead: since when the first of a link waits', async () => {
    const { storage, rows } = given;
    expect(await storage.read.messages.queueHead(linkA)).toBeUndefined();
    await storage.write((tx) =>
      tx.messages.insert([
        rows.message({ linkId: linkA, status: 'queued', dueAt: START + 2 }),
        rows.message({ linkId: linkA, status: 'queued', dueAt: START + 1 }),
        rows.message({ linkId: linkA, status: 'sent', dueAt: START }),
      ]),
    );
    expect(await storage.read.messages.queueHead(linkA)).toBe(START + 1);
  });

  it('countByLink: what has not ended', async () => {
    const { storage, rows } = given;
    await insert(
      ...rows.messages(3),
      ...rows.messages(2, () => ({ status: 'sent', linkId: linkB })),
      rows.message({ status: 'scheduled' }),
      rows.message({ status: 'sending' }),
      rows.message({ status: 'delivered' }),
      rows.message({ status: 'rejected', linkId: null }),
    );
    const counts = await storage.read.messages.countByLink();
    expect(counts).toHaveLength(4);
    expect(counts).toEqual(
      expect.arrayContaining([
        { linkId: linkA, status: 'queued', count: 3 },
        { linkId: linkA, status: 'scheduled', count: 1 },
        { linkId: linkA, status: 'sending', count: 1 },
        { linkId: linkB, status: 'sent', count: 2 },
      ]),
    );
  });
}
