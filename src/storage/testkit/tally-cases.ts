import { describe, expect, it } from 'vitest';

import { millicredits } from '../../core/money.ts';
import type { Given } from './given.ts';
import { DAY, number, START } from './fixtures.ts';

/** What accounts' messages come to. */
export function tallyCases(given: Given): void {
  describe('tallies', () => {
    it('sum what is alike, of one account and span', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const T = { product: 'T', parts: 2, price: millicredits(2500) };
      const messages = [
        rows.message({ accountId: mine, ...T, status: 'delivered', createdAt: START }),
        rows.message({ accountId: mine, ...T, status: 'delivered', createdAt: START + DAY - 1 }),
        rows.message({
          accountId: mine,
          ...T,
          status: 'rejected',
          error: 'duplicate_message',
          createdAt: START,
        }),
        rows.message({
          accountId: mine,
          ...T,
          product: null,
          status: 'delivered',
          createdAt: START,
        }),
        rows.message({ accountId: mine, ...T, status: 'delivered', createdAt: START + DAY }),
        rows.message({ accountId: mine, ...T, status: 'delivered', createdAt: START - 1 }),
        rows.message({
          accountId: mine,
          ...T,
          status: 'delivered',
          createdAt: START,
          hiddenAt: START,
        }),
        rows.message({ accountId: other, ...T, status: 'delivered', createdAt: START }),
      ];
      await storage.write((tx) => tx.messages.insert(messages));
      const { tallies } = storage.read;
      const found = await tallies.ofAccount(mine, { from: START, before: START + DAY });
      const delivered = { status: 'delivered', error: null } as const;
      expect(found).toHaveLength(3);
      expect(found).toEqual(
        expect.arrayContaining([
          { product: 'T', ...delivered, messages: 2, parts: 4, price: 5000 },
          { product: null, ...delivered, messages: 1, parts: 2, price: 2500 },
          {
            product: 'T',
            status: 'rejected',
            error: 'duplicate_message',
            messages: 1,
            parts: 2,
            price: 2500,
          },
        ]),
      );
      expect(await tallies.ofAccount(mine, { from: 0, before: START - 1 })).toEqual([]);
    });

    it('count and list by span, by the beginning of a reference, and by destination', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const at = (clientRef: string, createdAt: number, over: object = {}) =>
        rows.message({ accountId: mine, clientRef, createdAt, destination: number(1), ...over });
      const messages = [
        at('a:2/x', START + 2),
        at('a:1/', START + 1),
        at('ab:1/', START + 3, { destination: number(2) }),
        at('b:1/', START + 4),
        at('a:3/', START + 5, { hiddenAt: START }),
        { ...at('a:1/', START), accountId: other },
      ];
      await storage.write((tx) => tx.messages.insert(messages));
      const { tallies } = storage.read;
      const tried = [
        [{ refBegins: 'a:' }, [1, 0]],
        [{ refBegins: 'a' }, [1, 0, 2]],
        [{ refBegins: 'a', destination: number(2) }, [2]],
        [{ created: { from: START + 2, before: START + 4 } }, [0, 2]],
        [{ created: { from: START + 2, before: START + 4 }, refBegins: 'a:' }, [0]],
        [{ refBegins: 'c' }, []],
      ] as const;
      for (const [search, which] of tried) {
        const ids = which.map((nth) => messages[nth]?.id);
        const list = await tallies.list(mine, { ...search, limit: 10, offset: 0 });
        expect(list.map(({ id }) => id)).toEqual(ids);
        expect(await tallies.count(mine, search, 10)).toBe(ids.length);
      }
      const second = await tallies.list(mine, { refBegins: 'a', limit: 1, offset: 1 });
      expect(second.map(({ id }) => id)).toEqual([messages[0]?.id]);
      expect(await tallies.count(mine, { refBegins: 'a' }, 2)).toBe(2);
    });
  });
}
