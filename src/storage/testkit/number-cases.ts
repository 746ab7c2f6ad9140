import { describe, expect, it } from 'vitest';

import type { NumberId, SenderRequestId } from '../../core/ids.ts';
import type { NumberSearch } from '../../core/ports/storage.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Country } from '../../text/phone-number.ts';
import type { Given } from './given.ts';
import { MINUTE, number, START } from './fixtures.ts';

const page = { limit: 10, offset: 0 };

/** What accounts may be given as senders: what they ask for, and numbers that are offered. */
export function numberCases(given: Given): void {
  describe('sender requests', () => {
    it('are found by account and id, and by their proof', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const name = rows.senderRequest(mine);
      const own = rows.senderRequest(mine, {
        address: number(1),
        kind: 'own',
        status: 'pending',
        label: 'desk',
        countries: null,
        reason: null,
        lifeMs: 365 * 24 * 60 * MINUTE,
        proof: 'digest',
        proofUntil: START + MINUTE,
        triesLeft: 5,
      });
      await storage.write(async (tx) => {
        await tx.senderRequests.insert(name);
        await tx.senderRequests.insert(own);
      });
      const { senderRequests } = storage.read;
      expect(await senderRequests.find(mine, name.id)).toEqual(name);
      expect(await senderRequests.find(other, name.id)).toBeUndefined();
      expect(await senderRequests.findByProof('digest')).toEqual(own);
      expect(await senderRequests.findByProof('other')).toBeUndefined();

      const tried = { ...own, triesLeft: 4, changedAt: START + 1 };
      await storage.write((tx) => tx.senderRequests.save({ ...tried, label: 'not written' }));
      expect(await storage.write((tx) => tx.senderRequests.lock(own.id))).toEqual(tried);
      const none = await storage.write((tx) => tx.senderRequests.lock('x' as SenderRequestId));
      expect(none).toBeUndefined();
      await storage.write((tx) => tx.senderRequests.remove([name.id, rows.id()]));
      expect(await senderRequests.find(mine, name.id)).toBeUndefined();
    });

    it('are one for an address as long as it has not ended', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const insert = (over: object = {}, accountId = mine) =>
        storage.write((tx) => tx.senderRequests.insert(rows.senderRequest(accountId, over)));
      await insert({ status: 'rejected' });
      await insert();
      await expect(insert({ address: 'COMPANY abc' })).rejects.toMatchObject({
        code: 'already_exists',
      });
      await expect(insert({ status: 'pending' })).rejects.toThrow();
      await insert({ address: 'Another' });
      await insert({}, other);

      await insert({ address: '+61412345678', status: 'pending' });
      await storage.write((tx) => tx.senderRequests.removePending(mine, '61412345678'));
      await insert({ address: '61412345678', status: 'pending' });
      // What is not pending stays.
      await storage.write((tx) => tx.senderRequests.removePending(mine, 'company abc'));
      await expect(insert()).rejects.toThrow();
    });

    it('are listed, newest first', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const open = rows.senderRequest(mine);
      const ended = rows.senderRequest(mine, { status: 'approved' });
      const foreign = rows.senderRequest(other);
      await storage.write(async (tx) => {
        for (const one of [open, ended, foreign]) await tx.senderRequests.insert(one);
      });
      const { list } = storage.read.senderRequests;
      expect(await list(page)).toEqual([foreign, ended, open]);
      expect(await list({ limit: 1, offset: 1 })).toEqual([ended]);
      expect(await list({ ...page, status: 'open' })).toEqual([foreign, open]);
      expect(await list({ ...page, accountId: mine })).toEqual([ended, open]);
      expect(await list({ ...page, accountId: mine, status: 'open' })).toEqual([open]);
    });

    it('are forgotten from the oldest on, but for those that have not ended', async () => {
      const { storage, rows } = given;
      const mine = rows.account().id;
      const kept = rows.senderRequest(mine, { address: 'a' });
      const ended = (['approved', 'rejected', 'approved'] as const).map((status) =>
        rows.senderRequest(mine, { status }),
      );
      const foreign = rows.senderRequest(rows.account().id, { status: 'approved' });
      await storage.write(async (tx) => {
        for (const one of [foreign, kept, ...ended]) await tx.senderRequests.insert(one);
      });
      const room = (most: number) => storage.write((tx) => tx.senderRequests.makeRoom(mine, most));
      expect(await room(5)).toBe(true);
      expect(await storage.read.senderRequests.list(page)).toHaveLength(5);
      expect(await room(3)).toBe(true);
      expect(await storage.read.senderRequests.list(page)).toEqual([foreign, ended[2], kept]);
      expect(await room(1)).toBe(false);
      expect(await storage.read.senderRequests.list(page)).toEqual([foreign, kept]);
    });
  });

  describe('numbers', () => {
    it('are free until an account has them as its own, and again after', async () => {
      const { storage, rows } = given;
      const mine = rows.account().id;
      const [first, second] = [rows.poolNumber(), rows.poolNumber({ number: number(2) })];
      const sender = rows.sender(mine, { address: number(1).slice(1), kind: 'dedicated' });
      await storage.write(async (tx) => {
        for (const one of [first, second]) await tx.numbers.insert(one);
        await tx.senders.insert(sender);
        await tx.senders.insert(rows.sender(mine, { address: number(2), kind: 'own' }));
      });
      const { numbers } = storage.read;
      const search = { now: START, after: null, limit: 10 };
      expect(await numbers.available(search)).toEqual([second]);
      expect(await numbers.find(first.id)).toEqual({ ...first, accountId: mine });
      expect(await numbers.find(second.id)).toEqual({ ...second, accountId: null });
      expect(await numbers.find('gone' as NumberId)).toBeUndefined();
      expect(await numbers.list(page)).toEqual([
        { ...first, accountId: mine },
        { ...second, accountId: null },
      ]);
      expect(await numbers.list({ limit: 1, offset: 1 })).toMatchObject([second]);
      const keys = [number(2), number(3), number(1)].map(senderKey);
      expect(await numbers.ofKeys(keys)).toEqual([second, undefined, first]);

      const remove = (id: NumberId) => storage.write((tx) => tx.numbers.remove(id));
      expect(await remove(first.id)).toBe(false);
      await storage.write((tx) => tx.senders.remove(sender.id));
      expect(await numbers.available(search)).toEqual([first, second]);
      expect(await storage.write((tx) => tx.numbers.lock(first.id))).toEqual(first);
      expect(await remove(first.id)).toBe(true);
      expect(await remove(first.id)).toBe(false);
      expect(await storage.write((tx) => tx.numbers.lock(first.id))).toBeUndefined();
      expect(await storage.write((tx) => tx.numbers.count())).toBe(1);
    });

    it('are offered once, however they are written', async () => {
      const { storage, rows } = given;
      const insert = (written: string) =>
        storage.write((tx) => tx.numbers.insert(rows.poolNumber({ number: written })));
      await insert('+61412345678');
      await expect(insert('61412345678')).rejects.toMatchObject({ code: 'already_exists' });
    });

    it.each<[string, Partial<Omit<NumberSearch, 'after'>> & { after?: number }, number[]]>([
      ['all', {}, [0, 1, 2, 3]],
      ['a page', { limit: 2 }, [0, 1]],
      ['of a country', { country: 'NZ' as Country }, [1]],
      ['of some types', { types: ['landline', 'short-code'] }, [2, 3]],
      ['of no type', { types: [] }, []],
      ['what carries MMS', { capabilities: ['mms'] }, [1, 2]],
      ['what carries MMS and calls', { capabilities: ['mms', 'voice'] }, [2]],
      ['by digits in it', { digits: '9977' }, [0, 2]],
      ['by digits that would be a pattern', { digits: '9_77' }, []],
      ['all at once', { digits: '77', capabilities: ['mms'], types: ['landline'] }, [2]],
      ['later', { now: START + 1 }, [0, 1, 2, 3, 4]],
      ['those that follow one', { after: 1 }, [2, 3]],
      ['those that follow one, of a kind', { after: 0, capabilities: ['mms'] }, [1, 2]],
    ])('are searched: %s', async (_, { after, ...search }, found) => {
      const { storage, rows } = given;
      const numbers = [
        rows.poolNumber({ number: '+61409977000' }),
        rows.poolNumber({
          number: '+64211234567',
          country: 'NZ' as Country,
          capabilities: ['sms', 'mms'],
        }),
        rows.poolNumber({
          number: '+61299770000',
          type: 'landline',
          capabilities: ['voice', 'mms'],
        }),
        rows.poolNumber({ number: '19770', type: 'short-code' }),
        rows.poolNumber({ number: '+61409970000', availableAfter: START + 1 }),
      ];
      await storage.write(async (tx) => {
        for (const one of numbers) await tx.numbers.insert(one);
      });
      const { available } = storage.read.numbers;
      const last = after === undefined ? null : (numbers[after]?.id ?? null);
      expect(await available({ now: START, limit: 10, ...search, after: last })).toEqual(
        found.map((at) => numbers[at]),
      );
    });
  });
}
