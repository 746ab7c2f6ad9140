import { describe, expect, it } from 'vitest';

import type { AccountId, DeviceId, MessageId, ReplyId } from '../../core/ids.ts';
import type { Reply } from '../../core/delivery/reply.ts';
import type { Message } from '../../core/messages/message.ts';
import type { MessageSieve } from '../../core/ports/storage.ts';
import { cutsAt, DAY, MINUTE, number, START } from './fixtures.ts';
import type { Given } from './given.ts';

const page = { limit: 100, offset: 0 };
const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

/** What accounts look up of their traffic, note of it and erase; and texts of which the keys are not kept. */
export function historyCases(given: Given): void {
  const insert = (...messages: Message[]) =>
    given.storage.write((tx) => tx.messages.insert(messages));
  const receive = (...replies: Reply[]) => given.storage.write((tx) => tx.replies.insert(replies));
  const minutes = (count: number) => START + count * MINUTE;

  describe('a sieve', () => {
    it.each<[Omit<MessageSieve, 'limit' | 'offset'>, string[]]>([
      [{}, ['e', 'd', 'c', 'b', 'a']],
      [{ created: { from: minutes(2) } }, ['e', 'd', 'c']],
      [{ created: { before: minutes(2) } }, ['b', 'a']],
      [{ created: { from: minutes(1), before: minutes(3) } }, ['c', 'b']],
      [{ sent: { from: minutes(20), before: minutes(31) } }, ['c', 'b']],
      [{ sent: { from: 0 }, newest: 'sent' }, ['a', 'b', 'c']],
      [{ failed: 'at once' }, ['e']],
      [{ failed: 'later' }, ['d']],
      [{ failed: 'either' }, ['e', 'd']],
      [{ text: 'wörd' }, []],
      [{ text: 'wÖRD' }, ['c']],
      [{ text: 'rOsE' }, ['b', 'a']],
      [{ text: '100%' }, ['d']],
      [{ text: '_' }, []],
      [{ number: '00002' }, ['e', 'b']],
      [{ either: '00002' }, ['e', 'd', 'b']],
      [{ text: "'" }, ['e']],
    ])('%j', async (sieve, expected) => {
      const { storage, rows } = given;
      const texts = ['Rose', 'primrose', 'a wÖrd', '100% of 00002', "it's"];
      const messages = texts.map((text, at) =>
        rows.message({
          accountId: mine,
          text,
          clientRef: 'abcde'[at] as string,
          createdAt: minutes(at),
          status: at === 3 ? 'failed' : at === 4 ? 'rejected' : 'sent',
          sentAt: at < 3 ? minutes(40 - at * 10) : null,
          destination: number(at === 1 || at === 4 ? 2 : 1),
        }),
      );
      const hidden = rows.message({ accountId: mine, createdAt: minutes(2), hiddenAt: START });
      await insert(...messages, hidden, rows.message({ accountId: other }));
      const found = await storage.read.messages.sift(mine, { ...sieve, ...page });
      expect(found.map(({ clientRef }) => clientRef)).toEqual(expected);
    });

    it('gives pages', async () => {
      const { storage, rows } = given;
      const messages = [0, 1, 2].map((at) =>
        rows.message({ accountId: mine, createdAt: minutes(at) }),
      );
      await insert(...messages);
      const second = await storage.read.messages.sift(mine, { limit: 1, offset: 1 });
      expect(second).toEqual([messages[1]]);
    });
  });

  describe('correspondents', () => {
    it('are those whom an account wrote to, or who wrote to it, by when that was last', async () => {
      const { storage, rows } = given;
      const span = {};
      for (const [last, at] of [
        [1, 1],
        [2, 2],
        [1, 3],
        [3, 0],
      ] as const) {
        await insert(
          rows.message({ accountId: mine, destination: number(last), createdAt: minutes(at) }),
        );
        await receive(rows.reply({ accountId: mine, from: number(last), receivedAt: minutes(at) }));
      }
      await insert(rows.message({ accountId: other, destination: number(9) }));
      await receive(
        rows.reply({ accountId: mine, from: number(8), hiddenAt: START }),
        rows.reply({ accountId: other, from: number(9) }),
      );
      for (const table of ['messages', 'replies'] as const) {
        const found = (first: 'newest' | 'oldest', limit: number, within = span) =>
          storage.read[table].correspondents(mine, { span: within, first, limit });
        expect(await found('newest', 10)).toEqual([
          { number: number(1), at: minutes(3) },
          { number: number(2), at: minutes(2) },
          { number: number(3), at: minutes(0) },
        ]);
        expect(await found('oldest', 1)).toEqual([{ number: number(3), at: minutes(0) }]);
        expect(await found('newest', 10, { from: minutes(1), before: minutes(3) })).toEqual([
          { number: number(2), at: minutes(2) },
          { number: number(1), at: minutes(1) },
        ]);
      }
    });

    it('count without messages of some statuses', async () => {
      const { storage, rows } = given;
      const to = (last: number, at: number, status: Message['status']) =>
        rows.message({
          accountId: mine,
          destination: number(last),
          createdAt: minutes(at),
          status,
        });
      const sent = to(1, 1, 'sent');
      await insert(sent, to(1, 2, 'failed'), to(2, 3, 'failed'), to(3, 4, 'rejected'));
      const { messages } = storage.read;
      const search = { span: {}, first: 'newest', limit: 1 } as const;
      const without = ['failed', 'rejected'] as const;
      expect(await messages.correspondents(mine, { ...search, without })).toEqual([
        { number: number(1), at: minutes(1) },
      ]);
      for (const destination of [{}, { destination: number(1) }]) {
        const wanted = { accountId: mine, ...destination, without, ...page };
        expect(await messages.search(wanted)).toEqual([sent]);
      }
    });
  });

  describe('what an account sees no more', () => {
    const seen = async () => {
      const { messages } = given.storage.read;
      const found = await messages.search({ accountId: mine, ...page });
      const byNumber = { accountId: mine, destination: number(1), ...page };
      expect(await messages.search(byNumber)).toEqual(found);
      expect(
        await messages.find(
          mine,
          found.map(({ id }) => id),
        ),
      ).toHaveLength(found.length);
      return found.map(({ id }) => id);
    };

    it('is hidden', async () => {
      const { storage, rows } = given;
      const [one, two] = [rows.message({ accountId: mine }), rows.message({ accountId: mine })];
      await insert(one, two);
      await storage.write((tx) => tx.messages.hide(new Map([[one.id, START + 5]])));
      expect(await seen()).toEqual([two.id]);
      expect(await storage.read.messages.find(mine, [one.id])).toEqual([]);
      expect(await storage.read.messages.findAny(one.id)).toEqual({ ...one, hiddenAt: START + 5 });
    });

    it('is erased with its text, unless it waits', async () => {
      const { storage, rows } = given;
      const all = (['scheduled', 'queued', 'sending', 'sent', 'failed', 'delivered'] as const).map(
        (status) => rows.message({ accountId: mine, status }),
      );
      const foreign = rows.message({ accountId: other, status: 'sent' });
      await insert(...all, foreign);
      const ids = [...all, foreign].map(({ id }) => id);
      const erase = () => storage.write((tx) => tx.messages.erase(mine, { ids }, START + 9));
      expect((await erase()).map(({ id }) => id).toSorted()).toEqual(ids.slice(3, 6).toSorted());
      expect(await erase()).toEqual([]);
      expect((await seen()).toSorted()).toEqual(ids.slice(0, 3).toSorted());
      const after = await storage.read.messages.findAny(all[3]?.id as MessageId);
      expect(after).toEqual({ ...all[3], text: '', hiddenAt: START + 9 });
      expect(await storage.read.messages.findAny(foreign.id)).toEqual(foreign);
    });

    it('is erased by a span of time, so many at once', async () => {
      const { storage, rows } = given;
      const status = 'delivered';
      const messages = [0, 1, 2, 3].map((at) =>
        rows.message({ accountId: mine, createdAt: minutes(at), status }),
      );
      const replies = [0, 1, 2, 3].map((at) =>
        rows.reply({ accountId: mine, receivedAt: minutes(at) }),
      );
      await insert(...messages);
      await receive(...replies);
      const span = { from: minutes(1), before: minutes(4) };
      for (const table of ['messages', 'replies'] as const) {
        const erase = () => {
          const which = { span, limit: 2 };
          return storage.write(async (tx) =>
            table === 'messages'
              ? (await tx.messages.erase(mine, which, START + 9)).length
              : tx.replies.erase(mine, which, START + 9),
          );
        };
        expect([await erase(), await erase(), await erase()]).toEqual([2, 1, 0]);
      }
      expect(await seen()).toEqual([messages[0]?.id]);
      expect(await storage.read.replies.list(mine, page)).toEqual([replies[0]]);
    });

    it('stays with a phone that may still ask for its text', async () => {
      const { storage, rows } = given;
      const message = rows.message({ accountId: mine, status: 'sent' });
      await insert(message);
      const errand = rows.errand(rows.device(mine), { accountId: mine, messageId: message.id });
      await storage.write((tx) => tx.errands.insert([errand]));
      const erase = () =>
        storage.write((tx) => tx.messages.erase(mine, { ids: [message.id] }, START));
      expect(await erase()).toEqual([]);
    });
  });

  describe('replies', () => {
    it('are marked as read, once', async () => {
      const { storage, rows } = given;
      const [one, two, foreign] = [
        rows.reply({ accountId: mine }),
        rows.reply({ accountId: mine, receivedAt: minutes(1) }),
        rows.reply({ accountId: other }),
      ];
      await receive(one, two, foreign);
      const read =
        (...ids: ReplyId[]) =>
        (at: number) =>
          storage.write((tx) => tx.replies.markRead(mine, ids, at));
      await read(one.id, foreign.id)(START + 1);
      await read(one.id)(START + 2);
      expect(await storage.read.replies.find(mine, [one.id])).toEqual([
        { ...one, readAt: START + 1 },
      ]);
      expect(await storage.read.replies.find(other, [foreign.id])).toEqual([foreign]);
      expect(await storage.read.replies.list(mine, { unread: true, ...page })).toEqual([two]);
      expect(await storage.read.replies.list(mine, { unread: false, ...page })).toHaveLength(2);
    });

    it('have an alias', async () => {
      const { storage, rows } = given;
      const reply = rows.reply({ accountId: mine });
      await receive(reply);
      const set = (accountId: AccountId, alias: string | null) =>
        storage.write((tx) => tx.replies.setAlias(accountId, reply.id, alias));
      expect(await set(mine, 'Grüße 👋')).toBe(true);
      expect(await set(other, 'x')).toBe(false);
      expect(await storage.read.replies.list(mine, page)).toEqual([
        { ...reply, alias: 'Grüße 👋' },
      ]);
      const { from } = reply;
      const aliases = () =>
        storage.write((tx) =>
          tx.replies.aliases([
            { accountId: mine, from },
            { accountId: other, from },
            { accountId: mine, from: number(99) },
          ]),
        );
      expect(await aliases()).toEqual(['Grüße 👋', null, null]);
      expect(await set(mine, null)).toBe(true);
      expect(await aliases()).toEqual([null, null, null]);
      await storage.write((tx) => tx.replies.erase(mine, { ids: [reply.id] }, START));
      expect(await set(mine, 'x')).toBe(false);
      expect(await storage.read.replies.find(mine, [reply.id])).toEqual([]);
    });

    it('that were erased do not come again', async () => {
      const { storage, rows } = given;
      const reply = rows.reply({ accountId: mine, upstreamId: 'u1' });
      await receive(reply);
      await storage.write((tx) => tx.replies.erase(mine, { ids: [reply.id] }, START));
      expect(await receive({ ...rows.reply({ accountId: mine, upstreamId: 'u1' }) })).toEqual([]);
      expect(await storage.read.replies.list(mine, page)).toEqual([]);
    });

    it('are found by who wrote them, and by when they were written down', async () => {
      const { storage, rows } = given;
      const early = rows.reply({ accountId: mine, from: number(1), receivedAt: START });
      // Told a minute late.
      const late = {
        ...rows.reply({ accountId: mine, from: number(2), receivedAt: minutes(1) }),
        receivedAt: START - 1,
      };
      await receive(early, late);
      const list = (search: object) => storage.read.replies.list(mine, { ...search, ...page });
      expect(await list({ from: number(2) })).toEqual([late]);
      expect(await list({ recordedSince: minutes(1) })).toEqual([late]);
      // What was written down first comes first.
      expect(await list({ recordedSince: START })).toEqual([early, late]);
      expect(await list({ since: START })).toEqual([early]);
      expect(await list({ from: number(1), since: START, until: START + 1 })).toEqual([early]);
      expect(await list({ from: number(1), until: START })).toEqual([]);
    });

    it('are found by the phone that they came to', async () => {
      const { storage, rows } = given;
      const device = 'phone-1' as DeviceId;
      const [one, none] = [
        rows.reply({ accountId: mine, device }),
        rows.reply({ accountId: mine, device: null }),
      ];
      await receive(one, none, rows.reply({ accountId: mine, device: 'phone-2' as DeviceId }));
      const list = (which: DeviceId | null) =>
        storage.read.replies.list(mine, { device: which, ...page });
      expect(await list(device)).toEqual([one]);
      expect(await list(null)).toEqual([none]);
    });
  });

  describe('the secret end of a text', () => {
    it('goes when nothing more is to be handed over', async () => {
      const { storage, rows } = given;
      const message = rows.message({ secret: 'v1.sealed' });
      await insert(message);
      const secretAfter = async (from: Message['status'], status: Message['status']) => {
        await storage.write((tx) => tx.messages.save([{ ...message, status }], { from }));
        return (await storage.read.messages.findAny(message.id))?.secret;
      };
      expect(await secretAfter('queued', 'sending')).toBe('v1.sealed');
      expect(await secretAfter('sending', 'queued')).toBe('v1.sealed');
      expect(await secretAfter('sent', 'delivered')).toBe('v1.sealed');
      expect(await secretAfter('queued', 'sent')).toBeNull();
    });
  });

  describe('sealed texts', () => {
    it('are opened so often, and so long', async () => {
      const { storage, rows } = given;
      const text = rows.sealedText({ viewsLeft: 2 });
      expect(await storage.write((tx) => tx.sealedTexts.insert(text))).toBe(true);
      expect(await storage.write((tx) => tx.sealedTexts.insert(text))).toBe(false);
      const open = (at = START) => storage.write((tx) => tx.sealedTexts.open(text.code, at));
      expect(await open(text.expiresAt)).toBeUndefined();
      expect(await open()).toEqual({ ...text, viewsLeft: 1 });
      expect(await open(text.expiresAt - 1)).toEqual({ ...text, viewsLeft: 0 });
      expect(await open()).toBeUndefined();
      // Its code is free again.
      expect(await storage.write((tx) => tx.sealedTexts.insert(text))).toBe(true);
      await storage.write((tx) => tx.sealedTexts.remove([text.code]));
      expect(await open()).toBeUndefined();
    });

    it('go when they have expired', async () => {
      const { storage, rows } = given;
      const text = rows.sealedText();
      await storage.write((tx) => tx.sealedTexts.insert(text));
      const retain = (sealedTexts: number) =>
        storage.write((tx) => tx.retain({ ...cutsAt(0), sealedTexts }, 10));
      expect(await retain(text.expiresAt)).toBe(0);
      expect(await retain(text.expiresAt + 1)).toBe(1);
      expect(await storage.write((tx) => tx.sealedTexts.open(text.code, START))).toBeUndefined();
    });
  });

  it('rates say how many were taken', async () => {
    const { storage } = given;
    const rate = { most: 2, windowMs: DAY };
    const take = () => storage.write((tx) => tx.rates.take('x', rate, START));
    expect(await storage.read.rates.taken('x', START)).toBe(0);
    await take();
    await take();
    await take();
    expect(await storage.read.rates.taken('x', START)).toBe(2);
    const giveBack = (name: string, at = START) =>
      storage.write((tx) => tx.rates.giveBack(name, at));
    await giveBack('y');
    await giveBack('x', START + DAY);
    expect(await storage.read.rates.taken('x', START)).toBe(2);
    for (const left of [1, 0, 0]) {
      await giveBack('x');
      expect(await storage.read.rates.taken('x', START)).toBe(left);
    }
    expect(await take()).toBe(0);
    expect(await take()).toBe(0);
    expect(await take()).toBe(DAY);
    expect(await storage.read.rates.taken('x', START + DAY)).toBe(0);
  });
}
