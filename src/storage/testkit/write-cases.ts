import { describe, expect, it } from 'vitest';

import { GatewayError } from '../../core/errors.ts';
import type { Message } from '../../core/messages/message.ts';
import { millicredits } from '../../core/money.ts';
import type { Given } from './given.ts';

/** Transactions: what `write`, `read` and `close` promise. */
export function writeCases(given: Given): void {
  const exists = async (message: Message) =>
    (await given.storage.read.messages.findAny(message.id)) !== undefined;

  describe('write', () => {
    it('answers with what the work gives, in order, after the commit', async () => {
      const { storage, rows } = given;
      const messages = rows.messages(50);
      const answers = await Promise.all(
        messages.map((message, at) =>
          storage
            .write(async (tx) => {
              await tx.messages.insert([message]);
              return at;
            })
            .then(async (answer) => {
              expect(await exists(message)).toBe(true);
              return answer;
            }),
        ),
      );
      expect(answers).toEqual(messages.map((_, at) => at));
    });

    it('lets a work see what it and those before it wrote', async () => {
      const { storage, rows } = given;
      const account = rows.account();
      await storage.write((tx) => tx.accounts.insert(account));
      const add = () =>
        storage.write(async (tx) => {
          const balance = (await tx.accounts.lockBalances([account.id])).get(account.id) ?? 0;
          await tx.accounts.setBalances(new Map([[account.id, millicredits(balance + 1)]]));
        });
      await Promise.all(Array.from({ length: 100 }, add));
      expect(await storage.read.accounts.balance(account.id)).toBe(100);
    });

    it('leaves no trace of a work that throws, and spares its neighbours', async () => {
      const { storage, rows } = given;
      const messages = rows.messages(9);
      const results = await Promise.allSettled(
        messages.map((message, at) =>
          storage.write(async (tx) => {
            await tx.messages.insert([message]);
            if (at % 4 === 2) throw new GatewayError('invalid_request', `no ${at}`);
            return at;
          }),
        ),
      );
      expect(results.map(({ status }) => status === 'fulfilled')).toEqual(
        messages.map((_, at) => at % 4 !== 2),
      );
      expect(results[6]).toMatchObject({ reason: { code: 'invalid_request', detail: 'no 6' } });
      expect(await Promise.all(messages.map(exists))).toEqual(
        messages.map((_, at) => at % 4 !== 2),
      );
    });

    it('spares the neighbours of a work that breaks a constraint', async () => {
      const { storage, rows } = given;
      const [first, second] = rows.messages(2) as [Message, Message];
      const results = await Promise.allSettled([
        storage.write((tx) => tx.messages.insert([first])),
        storage.write((tx) => tx.messages.insert([first])),
        storage.write((tx) => tx.messages.insert([second])),
      ]);
      // Which of the two comes first is the engine's affair.
      const clashing = results.slice(0, 2);
      expect(clashing.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(results[2]).toMatchObject({ status: 'fulfilled' });
      const rejected = clashing.find(({ status }) => status === 'rejected');
      expect(rejected).not.toMatchObject({ reason: { code: 'storage_unavailable' } });
      expect(await Promise.all([first, second].map(exists))).toEqual([true, true]);
    });

    it('passes a mistake of the program through as it is', async () => {
      const mistake = new TypeError('mistake');
      await expect(given.storage.write(() => Promise.reject(mistake))).rejects.toBe(mistake);
    });

    it('runs works that were asked for by works that are done', async () => {
      const { storage, rows } = given;
      const [first, second] = rows.messages(2) as [Message, Message];
      await storage
        .write((tx) => tx.messages.insert([first]))
        .then(() => storage.write((tx) => tx.messages.insert([second])));
      expect(await exists(second)).toBe(true);
    });

    it('never lets a reader see what is not committed', async () => {
      const { storage, rows } = given;
      const message = rows.message();
      const other = await given.another();
      await storage.write(async (tx) => {
        await tx.messages.insert([message]);
        expect(await tx.messages.lock([message.id])).toHaveLength(1);
        expect(await exists(message)).toBe(false);
        expect(await other.read.messages.findAny(message.id)).toBeUndefined();
      });
      expect(await exists(message)).toBe(true);
      expect(await other.read.messages.findAny(message.id)).toEqual(message);
    });

    it('bounds what waits', async () => {
      const { storage } = given;
      const asked = Array.from({ length: 10_050 }, () =>
        storage.write(async () => 1).catch((error: unknown) => error),
      );
      const answers = await Promise.all(asked);
      const refused = answers.filter((answer) => answer !== 1);
      expect(refused).toHaveLength(50);
      expect(refused[0]).toMatchObject({ code: 'overloaded' });
    });
  });

  describe('close', () => {
    it('finishes what was asked before, and refuses what is asked after', async () => {
      const { storage, rows } = given;
      const messages = rows.messages(20);
      const asked = messages.map((message) => storage.write((tx) => tx.messages.insert([message])));
      const closed = storage.close();
      await expect(storage.write(async () => 1)).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      await Promise.all(asked);
      await closed;
      await expect(storage.read.messages.findAny('x' as Message['id'])).rejects.toMatchObject({
        code: 'storage_unavailable',
      });
      await expect(storage.ping()).rejects.toMatchObject({ code: 'storage_unavailable' });
      const again = await given.another();
      const found = await Promise.all(messages.map(({ id }) => again.read.messages.findAny(id)));
      expect(found).toEqual(messages);
    });

    it('may be asked for twice', async () => {
      await given.storage.close();
      await given.storage.close();
    });
  });
}
