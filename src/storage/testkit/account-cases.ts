import { describe, expect, it } from 'vitest';

import type { AccountId, PurseId, SenderId } from '../../core/ids.ts';
import type { Millicredits } from '../../core/money.ts';
import { millicredits } from '../../core/money.ts';
import { senderKey } from '../../core/senders/sender.ts';
import type { Given } from './given.ts';
import { MINUTE, START, number } from './fixtures.ts';

/** Accounts, money, and what belongs to an account. */
export function accountCases(given: Given): void {
  describe('accounts', () => {
    it('gives back what was inserted, by id and by name', async () => {
      const { storage, rows } = given;
      const account = rows.account({ name: 'Grüße 👋' });
      await storage.write((tx) => tx.accounts.insert(account));
      expect(await storage.read.accounts.find(account.id)).toEqual(account);
      expect(await storage.read.accounts.findByName('Grüße 👋')).toEqual(account);
      expect(await storage.read.accounts.find('nobody' as AccountId)).toBeUndefined();
      expect(await storage.read.accounts.findByName('nobody')).toBeUndefined();
    });

    it('lists by name, page by page', async () => {
      const { storage, rows } = given;
      const accounts = ['delta', 'alpha', 'charlie', 'bravo'].map((name) => rows.account({ name }));
      await storage.write(async (tx) => {
        for (const account of accounts) await tx.accounts.insert(account);
      });
      const first = await storage.read.accounts.list({ limit: 3, offset: 0 });
      const second = await storage.read.accounts.list({ limit: 3, offset: 3 });
      expect([...first, ...second].map(({ name }) => name)).toEqual([
        'alpha',
        'bravo',
        'charlie',
        'delta',
      ]);
    });

    it('have sub-accounts', async () => {
      const { storage, rows } = given;
      const [parent, other] = [rows.account(), rows.account()];
      const [b, a, foreign] = [
        rows.account({ name: 'b', parentId: parent.id }),
        rows.account({ name: 'a', parentId: parent.id }),
        rows.account({ parentId: other.id }),
      ];
      await storage.write(async (tx) => {
        for (const one of [parent, other, b, a, foreign]) await tx.accounts.insert(one);
      });
      const { subAccounts } = storage.read.accounts;
      expect(await subAccounts(parent.id, 10)).toEqual([a, b]);
      expect(await subAccounts(parent.id, 1)).toEqual([a]);
      expect(await subAccounts(a.id, 10)).toEqual([]);
    });

    it('updates everything but the balance', async () => {
      const { storage, rows } = given;
      const account = rows.account();
      await storage.write(async (tx) => {
        await tx.accounts.insert(account);
        await tx.accounts.setBalances(new Map([[account.id, millicredits(5)]]));
      });
      const changed = { ...account, status: 'suspended' as const, settings: {}, name: 'other' };
      await storage.write((tx) => tx.accounts.update(changed));
      expect(await storage.read.accounts.find(account.id)).toEqual(changed);
      expect(await storage.read.accounts.balance(account.id)).toBe(5);
    });

    it('refuses a second account of one name', async () => {
      const { storage, rows } = given;
      await storage.write((tx) => tx.accounts.insert(rows.account({ name: 'one' })));
      await expect(
        storage.write((tx) => tx.accounts.insert(rows.account({ name: 'one' }))),
      ).rejects.toMatchObject({ code: 'already_exists' });
    });
  });

  describe('money', () => {
    it('begins with nothing, and holds what was set, however large', async () => {
      const { storage, rows } = given;
      const [rich, poor] = [rows.account(), rows.account()];
      const most = millicredits(Number.MAX_SAFE_INTEGER);
      await storage.write(async (tx) => {
        await tx.accounts.insert(rich);
        await tx.accounts.insert(poor);
        await tx.accounts.setBalances(
          new Map([
            [rich.id, most],
            [poor.id, millicredits(-7)],
          ]),
        );
      });
      const nobody = 'nobody' as AccountId;
      const balances = await storage.write((tx) =>
        tx.accounts.lockBalances([poor.id, nobody, rich.id]),
      );
      expect(balances).toEqual(
        new Map([
          [poor.id, -7],
          [rich.id, Number.MAX_SAFE_INTEGER],
        ]),
      );
      expect(await storage.read.accounts.balance(rich.id)).toBe(Number.MAX_SAFE_INTEGER);
      expect(await storage.read.accounts.balance(nobody)).toBeUndefined();
    });

    it('keeps the ledger, newest first, of one account', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account(), rows.account()];
      const entries = [
        rows.ledgerEntry(mine.id, 500, { note: 'paid in cash' }),
        rows.ledgerEntry(mine.id, -200, { kind: 'charge', submissionId: rows.id() }),
        rows.ledgerEntry(mine.id, 100, { kind: 'refund', messageId: rows.id() }),
      ];
      await storage.write((tx) => tx.ledger.insert([...entries, rows.ledgerEntry(other.id, 1)]));
      const page = { limit: 2, offset: 0 };
      expect(await storage.read.ledger.list(mine.id, page)).toEqual([entries[2], entries[1]]);
      expect(await storage.read.ledger.list(mine.id, { ...page, offset: 2 })).toEqual([entries[0]]);
    });

    it('knows what gifts were called, each account for itself', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account(), rows.account()];
      const order = { kind: 'transfer', orderRef: '7' } as const;
      const entries = [
        rows.ledgerEntry(mine.id, 5, order),
        rows.ledgerEntry(mine.id, 5),
        rows.ledgerEntry(mine.id, 5),
        rows.ledgerEntry(other.id, 5, order),
      ];
      await storage.write((tx) => tx.ledger.insert(entries));
      const page = { limit: 1, offset: 0 };
      expect(await storage.read.ledger.list(other.id, page)).toEqual([entries[3]]);
      const taken = (orderRef: string) =>
        storage.write((tx) => tx.ledger.orderTaken(mine.id, orderRef));
      expect([await taken('7'), await taken('8')]).toEqual([true, false]);
      const again = rows.ledgerEntry(mine.id, 5, order);
      await expect(storage.write((tx) => tx.ledger.insert([again]))).rejects.toThrow(/unique/i);
    });

    it('are debited all or nothing, each for itself', async () => {
      const { storage, rows } = given;
      const [rich, exact, poor] = [rows.account(), rows.account(), rows.account()];
      const nobody = rows.id<AccountId>();
      const [ten, eleven] = [millicredits(10), millicredits(11)];
      await storage.write(async (tx) => {
        for (const account of [rich, exact, poor]) await tx.accounts.insert(account);
        await tx.accounts.setBalances(
          new Map([
            [rich.id, eleven],
            [exact.id, ten],
            [poor.id, millicredits(9)],
          ]),
        );
      });
      const ids = [rich.id, exact.id, poor.id, nobody];
      const short = await storage.write((tx) =>
        tx.accounts.debit(new Map(ids.map((id) => [id, ten]))),
      );
      expect(short).toEqual([poor.id, nobody]);
      expect(await Promise.all(ids.map((id) => storage.read.accounts.balance(id)))).toEqual([
        1,
        0,
        9,
        undefined,
      ]);
      expect(await storage.write((tx) => tx.accounts.debit(new Map()))).toEqual([]);
    });

    it('finds every account whose balance is not the sum of its entries', async () => {
      const { storage, rows } = given;
      const [right, wrong, empty] = [rows.account(), rows.account(), rows.account()];
      const lost = 'gone' as AccountId;
      await storage.write(async (tx) => {
        for (const account of [right, wrong, empty]) await tx.accounts.insert(account);
        await tx.accounts.setBalances(
          new Map([
            [right.id, millicredits(300)],
            [wrong.id, millicredits(299)],
          ]),
        );
        await tx.ledger.insert([
          rows.ledgerEntry(right.id, 500),
          rows.ledgerEntry(right.id, -200),
          rows.ledgerEntry(wrong.id, 300),
          rows.ledgerEntry(lost, 1),
        ]);
      });
      expect(await storage.read.ledger.discrepancies()).toEqual([
        { purse: wrong.id, balance: 299, sum: 300 },
        { purse: lost, balance: 0, sum: 1 },
      ]);
    });
  });

  describe('products', () => {
    it('have a purse of their own, beside their account’s', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account(), rows.account()];
      const [first, second] = [rows.product(mine.id), rows.product(mine.id, { code: 'B' })];
      await storage.write(async (tx) => {
        for (const account of [mine, other]) await tx.accounts.insert(account);
        for (const product of [second, first]) await tx.products.insert(product);
      });
      const paid = await storage.write(async (tx) => {
        await tx.accounts.setBalances(
          new Map<PurseId, Millicredits>([
            [mine.id, millicredits(5)],
            [first.id, millicredits(7)],
          ]),
        );
        await tx.ledger.insert([
          rows.ledgerEntry(mine.id, 5),
          rows.ledgerEntry(mine.id, 7, { productId: first.id }),
        ]);
        return tx.accounts.debit(
          new Map<PurseId, Millicredits>([
            [mine.id, millicredits(6)],
            [first.id, millicredits(6)],
            [second.id, millicredits(1)],
          ]),
        );
      });
      expect(paid.toSorted()).toEqual([mine.id, second.id].toSorted());
      const { products, ledger } = storage.read;
      expect(await products.ofAccount(mine.id)).toEqual([
        { product: first, balance: 1 },
        { product: second, balance: 0 },
      ]);
      expect(await products.ofAccount(other.id)).toEqual([]);
      expect(await ledger.discrepancies()).toEqual([{ purse: first.id, balance: 1, sum: 7 }]);

      const removed = { ...first, name: 'New', pricePerPart: millicredits(3), removedAt: START };
      await storage.write((tx) => tx.products.update({ ...removed, code: 'not written' }));
      const held = await storage.write((tx) => tx.products.ofAccount(mine.id));
      expect(held).toEqual([removed, second]);
    });

    it('are once in an account under one code', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account().id, rows.account().id];
      const insert = (id = mine) => storage.write((tx) => tx.products.insert(rows.product(id)));
      await insert();
      await insert(other);
      await expect(insert()).rejects.toThrow();
      expect(await storage.read.products.ofAccount(mine)).toHaveLength(1);
    });

    it('are locked behind accounts', () => {
      const { rows } = given;
      const { id } = rows.account();
      expect(rows.product(id).id > 'ffffffff-ffff-ffff-ffff-ffffffffffff').toBe(true);
    });
  });

  describe('credentials', () => {
    it('are found by dialect, kind and lookup together', async () => {
      const { storage, rows } = given;
      const account = rows.account();
      const basic = rows.credential(account.id);
      const key = rows.credential(account.id, { kind: 'api_key', secret: null });
      const elsewhere = rows.credential(account.id, { dialect: 'another' });
      await storage.write(async (tx) => {
        for (const one of [basic, key, elsewhere]) await tx.credentials.insert(one);
      });
      const { credentials } = storage.read;
      expect(await credentials.find('somedialect', 'basic', 'user')).toEqual(basic);
      expect(await credentials.find('somedialect', 'api_key', 'user')).toEqual(key);
      expect(await credentials.find('another', 'basic', 'user')).toEqual(elsewhere);
      expect(await credentials.find('somedialect', 'basic', 'USER')).toBeUndefined();
      expect(await credentials.ofAccount(account.id)).toEqual([basic, key, elsewhere]);
      expect(await credentials.ofAccount(rows.account().id)).toEqual([]);
      await expect(
        storage.write((tx) => tx.credentials.insert(rows.credential(account.id))),
      ).rejects.toMatchObject({ code: 'already_exists' });
    });

    it('are revoked once', async () => {
      const { storage, rows } = given;
      const credential = rows.credential(rows.account().id);
      await storage.write((tx) => tx.credentials.insert(credential));
      const revoke = (at: number) =>
        storage.write((tx) => tx.credentials.revoke(credential.id, at));
      expect(await revoke(START + 1)).toBe(true);
      expect(await revoke(START + 2)).toBe(false);
      const found = await storage.read.credentials.find('somedialect', 'basic', 'user');
      expect(found?.revokedAt).toBe(START + 1);
    });
  });

  describe('senders', () => {
    it('live from insert to removal', async () => {
      const { storage, rows } = given;
      const account = rows.account();
      const sender = rows.sender(account.id, {
        metadata: { clé: 'Grüße 👋', __proto__: 'x' },
        countries: account.allowedCountries,
        reason: 'it is ours',
        expiresAt: START + MINUTE,
      });
      const other = rows.sender(account.id, { address: '+61412345699' });
      await storage.write(async (tx) => {
        await tx.senders.insert(sender);
        await tx.senders.insert(other);
        await tx.senders.insert(rows.sender(rows.account().id));
      });
      expect(await storage.read.senders.ofAccount(account.id)).toEqual([sender, other]);
      const inTx = await storage.write(async (tx) => ({
        found: await tx.senders.find(account.id, '61412345699'),
        none: await tx.senders.find(account.id, '61412345690'),
        count: await tx.senders.count(account.id),
      }));
      expect(inTx).toEqual({ found: other, none: undefined, count: 2 });

      const changes = { label: 'desk', metadata: null, expiresAt: null, changedAt: START + 1 };
      await storage.write((tx) => tx.senders.change(sender.id, changes));
      await storage.write((tx) => tx.senders.change(other.id, { changedAt: START + 2 }));
      expect(await storage.read.senders.ofAccount(account.id)).toEqual([
        { ...sender, ...changes },
        { ...other, changedAt: START + 2 },
      ]);
      await storage.write((tx) => tx.senders.remove(sender.id));
      expect(await storage.read.senders.ofAccount(account.id)).toHaveLength(1);
      await storage.write((tx) => tx.senders.remove('gone' as SenderId));
    });

    it('say who alone owns an address, however it is written', async () => {
      const { storage, rows } = given;
      const [mine, other] = [rows.account(), rows.account()];
      await storage.write(async (tx) => {
        await tx.senders.insert(
          rows.sender(mine.id, { address: '+61412345699', kind: 'dedicated' }),
        );
        await tx.senders.insert(rows.sender(other.id, { address: 'SHARED', kind: 'shared' }));
      });
      const keys = ['61412345699', 'shared', 'nobody'].map(senderKey);
      const owners = await storage.write((tx) => tx.senders.owners(keys));
      expect(owners).toEqual(new Map([['61412345699', mine.id]]));
      await expect(
        storage.write((tx) =>
          tx.senders.insert(rows.sender(other.id, { address: '61412345699', kind: 'dedicated' })),
        ),
      ).rejects.toMatchObject({ code: 'already_exists' });
    });
  });

  it('endpoints: insert, update, disable once, remove', async () => {
    const { storage, rows } = given;
    const account = rows.account();
    const endpoint = rows.endpoint(account.id);
    await storage.write((tx) => tx.endpoints.insert(endpoint));
    const changed = { ...endpoint, url: 'https://example.com/new', secret: 'sealed' };
    await storage.write((tx) => tx.endpoints.update({ ...changed, topic: 'not written' }));
    expect(await storage.read.endpoints.ofAccount(account.id)).toEqual([changed]);
    await storage.write((tx) => tx.endpoints.disable(endpoint.id, START));
    await storage.write((tx) => tx.endpoints.disable(endpoint.id, START + MINUTE));
    expect((await storage.read.endpoints.ofAccount(account.id))[0]?.disabledAt).toBe(START);
    await storage.write((tx) => tx.endpoints.remove(endpoint.id));
    expect(await storage.read.endpoints.ofAccount(account.id)).toEqual([]);
  });

  it('opt-outs: added once, matched and removed by account', async () => {
    const { storage, rows } = given;
    const [mine, other] = [rows.account(), rows.account()];
    const first = rows.optout(mine.id, number(1), { source: 'reply', replyId: rows.id() });
    const second = rows.optout(mine.id, number(2), { createdAt: START + 1 });
    const foreign = rows.optout(other.id, number(3));
    const add = (...optouts: (typeof first)[]) => storage.write((tx) => tx.optouts.add(optouts));
    expect(await add(first)).toEqual([first]);
    expect(await add({ ...first, source: 'cli' }, second, second, foreign)).toEqual([
      second,
      foreign,
    ]);
    const numbers = [number(4), number(3), number(2), number(1)];
    const matching = (accountId: AccountId) =>
      storage.write((tx) =>
        tx.optouts.matching(numbers.map((one) => ({ accountId, number: one }))),
      );
    expect(await matching(mine.id)).toEqual([false, false, true, true]);
    const page = { limit: 10, offset: 0 };
    expect(await storage.read.optouts.list(mine.id, page)).toEqual([second, first]);
    const { numbersAfter } = storage.read.optouts;
    expect(await numbersAfter(mine.id, null, 10)).toEqual([number(1), number(2)]);
    expect(await numbersAfter(mine.id, null, 1)).toEqual([number(1)]);
    expect(await numbersAfter(mine.id, number(1), 10)).toEqual([number(2)]);
    expect(await storage.read.optouts.matching(mine.id, numbers)).toEqual(await matching(mine.id));
    const remove = () => storage.write((tx) => tx.optouts.remove(mine.id, number(1)));
    expect(await remove()).toBe(true);
    expect(await remove()).toBe(false);
    expect(await storage.read.optouts.list(mine.id, page)).toEqual([second]);
    expect(await matching(other.id)).toEqual([false, true, false, false]);
  });

  it('idempotency: found by credential and key, unique', async () => {
    const { storage, rows } = given;
    const credentialId = rows.credential(rows.account().id).id;
    const record = {
      credentialId,
      key: 'order-1',
      fingerprint: 'f',
      answer: '{"a":"\u00e9 \u{1f600}"}\n',
      createdAt: START,
    };
    const insert = () => storage.write((tx) => tx.idempotency.insert([record]));
    await insert();
    await expect(insert()).rejects.toThrow();
    const other = rows.credential(rows.account().id).id;
    const found = await storage.write((tx) =>
      tx.idempotency.find([
        { credentialId: other, key: 'order-1' },
        { credentialId, key: 'order-1' },
        { credentialId, key: 'order-2' },
      ]),
    );
    expect(found).toEqual([record]);
  });
}
