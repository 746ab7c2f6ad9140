import { describe, expect, it } from 'vitest';

import type { AccountId, MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import { millicredits } from '../../core/money.ts';
import type { Given } from './given.ts';
import { DAY, MINUTE, START, idsOf, linkA, linkB, nodeA, nodeB, number } from './fixtures.ts';

/** What is written of messages and their parts on their way. */
export function messageCases(given: Given): void {
  const insert = (...messages: Message[]) =>
    given.storage.write((tx) => tx.messages.insert(messages));
  const get = async (message: Message) => given.storage.read.messages.findAny(message.id);
  const partsOf = (message: Message) => given.storage.read.messages.parts(message.id);

  describe('a message', () => {
    it('comes back as it was, with every field filled', async () => {
      const { rows } = given;
      const full = rows.message({
        position: 99,
        encoding: 'ucs2',
        parts: 3,
        price: millicredits(3000),
        clientRef: 'ref',
        status: 'sending',
        error: 'answer_lost',
        errorDetail: 'lost',
        priority: -3,
        attempts: 2,
        possiblyDoubled: 1,
        lockedBy: nodeA,
        scheduledAt: START + 1,
        sentAt: START + 2,
        doneAt: START + 3,
        expiresAt: Number.MAX_SAFE_INTEGER,
      });
      await insert(full);
      expect(await get(full)).toEqual(full);
    });

    it.each([
      ['letters of all kinds', 'Größe 你好 مرحبا नमस्ते'],
      ['emoji, joined and flagged', '👩‍👩‍👧‍👦 🇦🇺 ❤️'],
      ['quotes, lines and back-slashes', `it's "so"\r\n\t\\ %_; drop table messages --`],
      ['nothing', ''],
      ['a very long one', 'ü'.repeat(100_000)],
      ['a byte order mark', '\ufeffx'],
    ])('keeps its text: %s', async (_, text) => {
      const message = given.rows.message({ text, errorDetail: text, clientRef: text });
      await insert(message);
      expect(await get(message)).toEqual(message);
    });

    it('keeps U+0000 where the engine can', async () => {
      if (!given.capabilities.textHoldsNul) return;
      const message = given.rows.message({ text: 'a\0b\0' });
      await insert(message);
      expect(await get(message)).toEqual(message);
    });

    it('is there with 9 999 others of its submission, all in one call', async () => {
      const { storage, rows } = given;
      const messages = rows.messages(10_000, (position) => ({
        position,
        destination: number(position),
      }));
      await insert(...messages);
      const last = messages.at(-1) as Message;
      expect(await get(last)).toEqual(last);
      const locked = await storage.write((tx) => tx.messages.lock(idsOf(messages)));
      expect(locked).toEqual(messages);
    });

    it('is nothing new when nothing is inserted', async () => {
      await insert();
      expect(await given.storage.write((tx) => tx.messages.lock([]))).toEqual([]);
    });

    it('cannot be inserted twice', async () => {
      const message = given.rows.message();
      await insert(message);
      await expect(insert(message)).rejects.toThrow();
    });

    it('is found by its own account only, in the order asked for', async () => {
      const { storage, rows } = given;
      const [mine, other] = ['mine', 'other'] as AccountId[];
      const [a, b] = rows.messages(2, () => ({ accountId: mine as AccountId }));
      const foreign = rows.message({ accountId: other as AccountId });
      await insert(a as Message, b as Message, foreign);
      const ids = [b?.id, foreign.id, 'nothing', a?.id] as MessageId[];
      expect(await storage.read.messages.find(mine as AccountId, ids)).toEqual([b, a]);
      expect(await storage.read.messages.find(other as AccountId, ids)).toEqual([foreign]);
      expect(await storage.write((tx) => tx.messages.lock(ids))).toEqual([b, foreign, a]);
    });
  });

  describe('save', () => {
    it('writes what changes in a life and nothing else', async () => {
      const message = given.rows.message();
      await insert(message);
      const lived: Partial<Message> = {
        status: 'failed',
        error: 'undeliverable',
        errorDetail: 'absent',
        linkId: linkB,
        attempts: 4,
        possiblyDoubled: 1,
        dueAt: START + 9,
        lockedBy: nodeB,
        sentAt: START + 5,
        doneAt: START + 6,
      };
      const other = { text: 'changed', price: millicredits(1), destination: number(9) };
      const written = await given.storage.write((tx) =>
        tx.messages.save([{ ...message, ...lived, ...other }], { from: 'queued' }),
      );
      expect(written).toEqual([true]);
      expect(await get(message)).toEqual({ ...message, ...lived });
    });

    it('leaves alone what has moved on or is held by another', async () => {
      const { storage, rows } = given;
      const moved = rows.message({ status: 'sent' });
      const held = rows.message({ status: 'sending', lockedBy: nodeB });
      const free = rows.message({ status: 'sending', lockedBy: null });
      const ours = rows.message({ status: 'sending', lockedBy: nodeA });
      // Ours too, but from another claim than the one that is answered.
      const anew = rows.message({ status: 'sending', lockedBy: nodeA, dueAt: START + 7 });
      const all = [moved, held, free, ours, anew];
      await insert(...all);
      const sent = all.map((message) => ({ ...message, status: 'sent' as const, attempts: 9 }));
      const written = await storage.write((tx) =>
        tx.messages.save(sent, {
          from: 'sending',
          held: { by: nodeA, until: all.map((one) => (one === anew ? START : one.dueAt)) },
        }),
      );
      expect(written).toEqual(all.map((one) => one === ours));
      for (const message of [moved, held, free, anew]) expect(await get(message)).toEqual(message);
      const unguarded = await storage.write((tx) => tx.messages.save(sent, { from: 'sending' }));
      expect(unguarded).toEqual([false, true, true, false, true]);
    });
  });

  describe('handOver', () => {
    const handOver = (messages: Message[], now = START, nodeId = nodeA) =>
      given.storage.write((tx) =>
        tx.messages.handOver(messages, { nodeId, now, answerBy: now + MINUTE }),
      );

    it('moves what this node holds and writes its parts down', async () => {
      const { rows } = given;
      const [one, three] = [rows.claimed(), rows.claimed({ parts: 3 })];
      await insert(one, three);
      expect(await handOver([one, three])).toEqual(new Set([one.id, three.id]));
      expect(await get(three)).toEqual({
        ...three,
        status: 'sending',
        attempts: 1,
        dueAt: START + MINUTE,
        lockedBy: nodeA,
      });
      expect(await partsOf(one)).toEqual([rows.part(one)]);
      expect(await partsOf(three)).toEqual([1, 2, 3].map((nr) => rows.part(three, { number: nr })));
    });

    it('leaves alone what it does not hold', async () => {
      const { rows } = given;
      const lost = rows.claimed({ lockedBy: nodeB });
      const free = rows.message();
      const cancelled = rows.claimed({ status: 'cancelled' });
      await insert(lost, free, cancelled);
      expect(await handOver([lost, free, cancelled])).toEqual(new Set());
      for (const message of [lost, free, cancelled]) {
        expect(await get(message)).toEqual(message);
        expect(await partsOf(message)).toEqual([]);
      }
    });

    it('hands over only once', async () => {
      const message = given.rows.claimed();
      await insert(message);
      expect((await handOver([message, message])).size).toBe(1);
      expect(await handOver([message])).toEqual(new Set());
      expect((await get(message))?.attempts).toBe(1);
    });

    describe('that was tried before, and nobody knows whether it was written,', () => {
      const answerBy = START + MINUTE;
      const later = START + 2 * MINUTE;
      const tryAgain = (message: Message, { by = nodeA, until = answerBy } = {}) =>
        given.storage.write((tx) =>
          tx.messages.handOver([message], {
            nodeId: by,
            now: START + 1,
            answerBy: later,
            tried: new Map([[message.id, until]]),
          }),
        );

      it('goes when it was, counted once', async () => {
        const { rows } = given;
        const [message, other] = [rows.claimed({ parts: 2 }), rows.claimed()];
        await insert(message, other);
        await handOver([message, other]);
        expect(await tryAgain(message)).toEqual(new Set([message.id]));
        const sending = { ...message, status: 'sending', attempts: 1 };
        expect(await get(message)).toEqual({ ...sending, dueAt: later });
        expect(await partsOf(message)).toMatchObject([
          { status: 'sending' },
          { status: 'sending' },
        ]);
        // What was not tried stays with its own hand-over.
        expect(await get(other)).toMatchObject({ status: 'sending', dueAt: answerBy });
      });

      it('goes when it was not', async () => {
        const message = given.rows.claimed();
        await insert(message);
        expect(await tryAgain(message)).toEqual(new Set([message.id]));
        expect(await get(message)).toMatchObject({ status: 'sending', attempts: 1, dueAt: later });
        expect(await partsOf(message)).toHaveLength(1);
      });

      it.each([
        { what: 'another node', wish: { by: nodeB }, since: {} },
        { what: 'another hand-over of this node', wish: { until: answerBy - 1 }, since: {} },
        { what: 'nobody, since it was settled', wish: {}, since: { status: 'unknown' as const } },
        { what: 'nobody, since this node was buried', wish: {}, since: { lockedBy: null } },
      ])('does not go when it is that of $what', async ({ wish, since }) => {
        const { storage, rows } = given;
        const message = rows.claimed();
        await insert(message);
        await handOver([message]);
        const sending = await get(message);
        if (!sending) throw new Error('it was not handed over');
        await storage.write((tx) =>
          tx.messages.save([{ ...sending, ...since }], { from: 'sending' }),
        );
        expect(await tryAgain(message, wish)).toEqual(new Set());
        expect(await get(message)).toEqual({ ...sending, ...since });
      });
    });

    it('at a further try begins anew with the parts that the network has not taken', async () => {
      const { storage, rows } = given;
      const message = rows.claimed({ parts: 4 });
      await insert(message);
      await handOver([message]);
      const taken = rows.part(message, { number: 1, status: 'sent', upstreamId: 'up-1' });
      const delivered = rows.part(message, {
        number: 2,
        status: 'delivered',
        upstreamId: 'up-2',
        doneAt: START,
      });
      const failed = rows.part(message, { number: 3, status: 'rejected', error: '58' });
      await storage.write(async (tx) => {
        await tx.parts.save([taken, delivered, failed]);
        const again = { ...message, linkId: linkB, attempts: 1 };
        await tx.messages.save([again], { from: 'sending' });
      });
      await handOver([{ ...message, linkId: linkB, attempts: 1 }], START + MINUTE);
      const fresh = { linkId: linkB, sentAt: START + MINUTE };
      expect(await partsOf(message)).toEqual([
        taken,
        delivered,
        rows.part(message, { ...fresh, number: 3 }),
        rows.part(message, { ...fresh, number: 4 }),
      ]);
      expect((await get(message))?.attempts).toBe(2);
    });
  });

  describe('parts', () => {
    it('of several messages come together', async () => {
      const { storage, rows } = given;
      const [a, b] = [rows.claimed({ parts: 2 }), rows.claimed()];
      await insert(a, b);
      const handOver = { nodeId: nodeA, now: START, answerBy: START + MINUTE };
      const parts = await storage.write(async (tx) => {
        await tx.messages.handOver([a, b], handOver);
        return tx.parts.ofMessages([b.id, a.id]);
      });
      expect(parts).toEqual([rows.part(b), rows.part(a), rows.part(a, { number: 2 })]);
    });

    it('are known by their upstream id, on their link; of a used-again id the newest', async () => {
      const { storage, rows } = given;
      const messages = rows.messages(3, () => ({ lockedBy: nodeA, dueAt: START + MINUTE }));
      const [old, newer, elsewhere] = messages as [Message, Message, Message];
      const keys = [
        { linkId: linkA, upstreamId: 'id' },
        { linkId: linkB, upstreamId: 'id' },
        { linkId: linkA, upstreamId: 'ID' },
      ];
      const parts = [
        rows.part(newer, { upstreamId: 'id', sentAt: START + DAY }),
        rows.part(old, { upstreamId: 'id' }),
        rows.part(elsewhere, { upstreamId: 'id', linkId: linkB }),
      ];
      await insert(...messages);
      const found = await storage.write(async (tx) => {
        await tx.messages.handOver(messages, { nodeId: nodeA, now: START, answerBy: START });
        expect(await tx.parts.byUpstream(keys)).toEqual([undefined, undefined, undefined]);
        await tx.parts.save(parts);
        return tx.parts.byUpstream(keys);
      });
      expect(found).toEqual([{ part: parts[0] }, { part: parts[2] }, undefined]);
    });

    describe('of a message that says itself what became of its only one', () => {
      const until = START + MINUTE;
      const key = { linkId: linkA, upstreamId: 'id' };
      /** Handed over for the first time, as it is then. */
      const sending = async (): Promise<Message> => {
        const message = given.rows.claimed();
        await insert(message);
        const handOver = { nodeId: nodeA, now: START, answerBy: until };
        await given.storage.write((tx) => tx.messages.handOver([message], handOver));
        return (await get(message)) as Message;
      };
      const taken = async (sentAt = START + 5): Promise<Message> => {
        const message = await sending();
        const sent = { ...message, status: 'sent' as const, upstreamId: 'id', sentAt };
        const held = { by: nodeA, until: [until] };
        await given.storage.write((tx) =>
          tx.messages.save([{ ...sent, lockedBy: null }], { from: 'sending', held }),
        );
        return (await get(message)) as Message;
      };
      const rowsOf = async (message: Message) =>
        (await partsOf(message)).map(({ status, upstreamId }) => ({ status, upstreamId }));

      it('is sending, then what its message is; it is found by its id, and its message with it', async () => {
        expect(await rowsOf(await sending())).toEqual([{ status: 'sending', upstreamId: null }]);
        const message = await taken();
        const part = given.rows.part(message, {
          status: 'sent',
          upstreamId: 'id',
          sentAt: START + 5,
        });
        expect(await partsOf(message)).toEqual([part]);
        const bearers = await given.storage.write((tx) => tx.parts.byUpstream([key]));
        expect(bearers[0]?.part).toEqual(part);
        // Only where nobody else can change it.
        expect([undefined, message]).toContainEqual(bearers[0]?.message);
        const end = {
          status: 'failed' as const,
          error: 'undeliverable' as const,
          doneAt: START + 9,
        };
        await given.storage.write((tx) =>
          tx.messages.save([{ ...message, ...end, errorDetail: 'absent' }], { from: 'sent' }),
        );
        const ended = { ...part, status: 'failed', error: 'absent', doneAt: START + 9 };
        expect(await partsOf(message)).toEqual([ended]);
        expect(await given.storage.write((tx) => tx.parts.ofMessages([message.id]))).toEqual([
          ended,
        ]);
      });

      it('has a row from when it is saved', async () => {
        const message = await sending();
        const lost = given.rows.part(message, { status: 'unknown', doneAt: START + 9 });
        await given.storage.write((tx) => tx.parts.save([lost]));
        expect(await partsOf(message)).toEqual([lost]);
        const back = { ...message, status: 'queued' as const, lockedBy: nodeA, dueAt: until };
        await given.storage.write((tx) => tx.messages.save([back], { from: 'sending' }));
        const handOver = { nodeId: nodeA, now: START + 20, answerBy: until };
        await given.storage.write((tx) => tx.messages.handOver([back], handOver));
        expect(await partsOf(message)).toEqual([given.rows.part(message, { sentAt: START + 20 })]);
      });

      it.each([
        { which: 'its own', at: START + 50, first: true },
        { which: 'that of a longer message', at: START + 5, first: false },
      ])('of an id that was used again, $which is the newest', async ({ at, first }) => {
        const long = given.rows.claimed({ parts: 2 });
        await insert(long);
        const row = given.rows.part(long, { status: 'sent', upstreamId: 'id', sentAt: START + 20 });
        await given.storage.write(async (tx) => {
          await tx.messages.handOver([long], { nodeId: nodeA, now: START, answerBy: until });
          await tx.parts.save([row]);
        });
        const message = await taken(at);
        const [bearers, [all]] = await given.storage.write(async (tx) => [
          await tx.parts.byUpstream([key]),
          await tx.parts.allByUpstream([key]),
        ]);
        const ids = first ? [message.id, long.id] : [long.id, message.id];
        expect(bearers[0]?.part.messageId).toBe(ids[0]);
        expect(all?.map(({ messageId }) => messageId)).toEqual(ids);
      });
    });
  });
}
