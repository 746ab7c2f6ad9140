import { describe, expect, it } from 'vitest';

import type { AccountId, EndpointId, MessageId } from '../../core/ids.ts';
import type { Gathering } from '../../core/messages/gathering.ts';
import type { Notification } from '../../core/notifications/notification.ts';
import type { Given } from './given.ts';
import { idsOf, MINUTE, nodeA, nodeB, START } from './fixtures.ts';

const accountId = 'account' as AccountId;
const [x, y] = ['x', 'y'] as [EndpointId, EndpointId];

/** What clients need that come by sessions of their own. */
export function sessionCases(given: Given): void {
  const insert = (...notifications: Notification[]) =>
    given.storage.write((tx) => tx.notifications.insert(notifications));
  const list = () => given.storage.read.notifications.list(accountId, { limit: 100, offset: 0 });
  const session = (over: Partial<Notification> = {}) =>
    given.rows.notification({ via: 'session', endpointId: x, ...over });
  const claim = (wishes: [EndpointId, number][], nodeId = nodeA) =>
    given.storage.write((tx) =>
      tx.notifications.claimForSessions({
        nodeId,
        now: START,
        leaseUntil: START + MINUTE,
        wishes: wishes.map(([endpointId, limit]) => ({ endpointId, limit })),
      }),
    );

  describe('notifications of sessions', () => {
    it('are claimed for those that want them, oldest first, and no more than that', async () => {
      const all = [5, 3, 1, 4, 2].map((age) => session({ dueAt: START - age }));
      const other = session({ endpointId: y });
      const late = session({ dueAt: START + 1 });
      const request = given.rows.notification({ endpointId: x });
      await insert(...all, other, late, request);
      const byAge = idsOf(all.toSorted((a, b) => a.dueAt - b.dueAt));
      const first = await claim([[x, 3]]);
      expect(idsOf(first)).toEqual(byAge.slice(0, 3));
      for (const one of first) {
        expect(one).toMatchObject({ lockedBy: nodeA, dueAt: START + MINUTE });
      }
      expect(idsOf(await claim([[x, 9]], nodeB))).toEqual(byAge.slice(3));
      expect(
        idsOf(
          await claim([
            [x, 9],
            [y, 9],
          ]),
        ),
      ).toEqual([other.id]);
      expect(await claim([])).toEqual([]);
    });

    it('are not claimed for requests, nor the reverse', async () => {
      const [mine, request] = [session(), given.rows.notification({ endpointId: x })];
      await insert(mine, request);
      const lease = { nodeId: nodeA, now: START, leaseUntil: START + MINUTE };
      const claimed = await given.storage.write((tx) =>
        tx.notifications.claim({ ...lease, limit: 10, except: [] }),
      );
      expect(idsOf(claimed)).toEqual([request.id]);
      expect(idsOf(await claim([[x, 9]]))).toEqual([mine.id]);
    });

    it('are reclaimed from dead nodes', async () => {
      const held = session({ lockedBy: nodeB, dueAt: START + MINUTE });
      await insert(held);
      expect(await given.storage.write((tx) => tx.notifications.reclaim([nodeB], START))).toBe(1);
      expect(idsOf(await claim([[x, 9]]))).toEqual([held.id]);
    });

    it('fail when nobody came for them in time', async () => {
      const old = [session({ dueAt: START - 9 }), session({ dueAt: START - 9, endpointId: y })];
      const young = session({ dueAt: START - 1 });
      const request = given.rows.notification({ dueAt: START - 9 });
      const done = session({ dueAt: START - 9, status: 'delivered', doneAt: START - 9 });
      await insert(...old, young, request, done);
      const expire = (limit: number) =>
        given.storage.write((tx) =>
          tx.notifications.expireForSessions({ dueBefore: START - 5, now: START, limit }),
        );
      expect(await expire(1)).toBe(1);
      expect(await expire(10)).toBe(1);
      expect(await expire(10)).toBe(0);
      const failed = { status: 'failed' as const, dueAt: START, doneAt: START };
      expect(await list()).toEqual([
        done,
        request,
        young,
        ...old.toReversed().map((one) => ({ ...one, ...failed })),
      ]);
    });
  });

  describe('credentials', () => {
    it('keep what their dialect keeps with them, until they are revoked', async () => {
      const { storage, rows } = given;
      const credential = rows.credential(accountId, { settings: { allow: ['::1'] } });
      const { dialect, kind, lookup } = credential;
      await storage.write((tx) => tx.credentials.insert(credential));
      const find = () => storage.read.credentials.find(dialect, kind, lookup);
      expect(await find()).toEqual(credential);
      const settings = { maxBinds: 2 };
      const set = () => storage.write((tx) => tx.credentials.setSettings(credential.id, settings));
      expect(await set()).toBe(true);
      expect(await find()).toEqual({ ...credential, settings });
      await storage.write((tx) => tx.credentials.revoke(credential.id, START));
      expect(await set()).toBe(false);
    });

    it('are usable while they are not revoked and their account is active', async () => {
      const { storage, rows } = given;
      const [active, suspended] = [rows.account(), rows.account({ status: 'suspended' })];
      const good = rows.credential(active.id, { lookup: 'good' });
      const revoked = rows.credential(active.id, { lookup: 'revoked', revokedAt: START });
      const idle = rows.credential(suspended.id, { lookup: 'idle' });
      await storage.write(async (tx) => {
        for (const account of [active, suspended]) await tx.accounts.insert(account);
        for (const one of [good, revoked, idle]) await tx.credentials.insert(one);
      });
      const asked = [good.id, revoked.id, idle.id, rows.id<typeof good.id>()];
      expect(await storage.read.credentials.usable(asked)).toEqual([good]);
      expect(await storage.read.credentials.usable([])).toEqual([]);
    });
  });

  describe('an endpoint', () => {
    it('that is there already is left as it is', async () => {
      const { storage, rows } = given;
      const endpoint = rows.endpoint(accountId);
      const again = { ...endpoint, url: 'https://example.com/other' };
      await storage.write((tx) => tx.endpoints.insertNew(endpoint));
      await storage.write((tx) => tx.endpoints.insertNew(again));
      expect(await storage.read.endpoints.ofAccount(accountId)).toEqual([endpoint]);
    });
  });

  describe('gatherings', () => {
    const other = 'other' as AccountId;
    const lock = (...keys: Pick<Gathering, 'accountId' | 'key'>[]) =>
      given.storage.write((tx) => tx.gatherings.lock(keys));

    it('are found by their key, each in its place', async () => {
      const { storage, rows } = given;
      const [one, two] = [
        rows.gathering(accountId, { key: '["Ünï \u{1f44b}",1]' }),
        rows.gathering(accountId, { key: 'two', pieces: [] }),
      ];
      const foreign = rows.gathering(other, { key: 'two' });
      await storage.write((tx) => tx.gatherings.insert([one, two, foreign]));
      const none = { accountId: other, key: one.key };
      expect(await lock(two, none, one, foreign)).toEqual([two, undefined, one, foreign]);
      expect(await lock()).toEqual([]);
      const { gatherings } = storage.read;
      expect(await gatherings.find(accountId, two.id)).toEqual(two);
      expect(await gatherings.find(other, two.id)).toBeUndefined();
      expect(await gatherings.find(accountId, rows.id<MessageId>())).toBeUndefined();
    });

    it('grow, end, and are counted as far as somebody wants to know', async () => {
      const { storage, rows } = given;
      const three = [1, 2, 3].map((at) => rows.gathering(accountId, { key: `nr ${at}` }));
      const [first, second] = three as [Gathering, Gathering];
      const count = (atMost: number) =>
        storage.write((tx) => tx.gatherings.count(accountId, atMost));
      await storage.write((tx) => tx.gatherings.insert(three));
      expect(await count(9)).toBe(3);
      expect(await count(2)).toBe(2);
      const grown = { ...first, pieces: [...first.pieces, { number: 2, content: null }] };
      await storage.write((tx) => tx.gatherings.save([grown]));
      await storage.write((tx) => tx.gatherings.remove([second]));
      expect(await lock(first, second)).toEqual([grown, undefined]);
      expect(await count(9)).toBe(2);
    });

    it('stay for a while when they are done, and count no more', async () => {
      const { storage, rows } = given;
      const [open, done, older] = ['open', 'done', 'older'].map((key) =>
        rows.gathering(accountId, { key }),
      ) as [Gathering, Gathering, Gathering];
      await storage.write((tx) => tx.gatherings.insert([open, done, older]));
      const finished = [
        { ...done, doneAt: START + 1, digests: ['ä"', 'b'] },
        { ...older, doneAt: START, digests: [] },
      ];
      await storage.write((tx) => tx.gatherings.finish(finished));
      const kept = { ...done, pieces: [], doneAt: START + 1, digests: ['ä"', 'b'] };
      expect(await lock(done)).toEqual([kept]);
      const again = { ...kept, pieces: [{ number: 2, content: 'é' }] };
      await storage.write((tx) => tx.gatherings.save([again]));
      expect(await lock(done, open)).toEqual([again, open]);
      expect(await storage.write((tx) => tx.gatherings.count(accountId, 9))).toBe(1);
      expect(await storage.read.gatherings.find(accountId, done.id)).toBeUndefined();
      expect(await storage.read.gatherings.overdue(START + MINUTE, 9)).toEqual([open]);
      const forget = (before: number, limit: number) =>
        storage.write((tx) => tx.gatherings.forgetDone(before, limit));
      expect(await forget(START + 1, 9)).toBe(1);
      expect(await lock(open, done, older)).toEqual([open, again, undefined]);
      expect(await forget(START + MINUTE, 0)).toBe(0);
      expect(await forget(START + MINUTE, 9)).toBe(1);
    });

    it('are overdue by their age, the oldest first', async () => {
      const { storage, rows } = given;
      const [young, old, older] = [0, 5, 9].map((age) =>
        rows.gathering(accountId, { key: `age ${age}`, createdAt: START - age }),
      ) as [Gathering, Gathering, Gathering];
      await storage.write((tx) => tx.gatherings.insert([young, old, older]));
      const overdue = (limit: number) => storage.read.gatherings.overdue(START, limit);
      expect(await overdue(9)).toEqual([older, old]);
      expect(await overdue(1)).toEqual([older]);
    });
  });
}
