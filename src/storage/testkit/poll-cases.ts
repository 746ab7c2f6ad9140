import { describe, expect, it } from 'vitest';

import type { AccountId, EndpointId, NotificationId, SigningKeyId } from '../../core/ids.ts';
import type { Notification } from '../../core/notifications/notification.ts';
import type { Given } from './given.ts';
import { cutsAt, DAY, idsOf, MINUTE, nodeA, START } from './fixtures.ts';

const accountId = 'account' as AccountId;
const [x, y] = ['x', 'y'] as [EndpointId, EndpointId];

/** What clients need that ask for what happened; and the keys with which they are told. */
export function pollCases(given: Given): void {
  const insert = (...notifications: Notification[]) =>
    given.storage.write((tx) => tx.notifications.insert(notifications));
  const poll = (over: Partial<Notification> = {}) =>
    given.rows.notification({ via: 'poll', endpointId: x, ...over });
  const polled = (endpointId = x, limit = 100) =>
    given.storage.read.notifications.polled(endpointId, limit);
  const confirm = (ids: readonly NotificationId[], endpointId = x) =>
    given.storage.write((tx) => tx.notifications.confirm(endpointId, ids, START + 5));

  describe('notifications that are polled', () => {
    it('are shown oldest first, to the limit, again and again', async () => {
      const all = [5, 3, 1, 4, 2].map((age) => poll({ dueAt: START - age }));
      await insert(...all, poll({ endpointId: y }), given.rows.notification({ endpointId: x }));
      const byAge = idsOf(all.toSorted((a, b) => a.dueAt - b.dueAt));
      expect(idsOf(await polled())).toEqual(byAge);
      expect(idsOf(await polled(x, 2))).toEqual(byAge.slice(0, 2));
      expect(idsOf(await polled())).toEqual(byAge);
    });

    it('of one instant are in the order of their ids', async () => {
      const all = Array.from({ length: 20 }, () => poll());
      await insert(...all.toReversed());
      expect(idsOf(await polled())).toEqual(idsOf(all));
    });

    it('are not shown any more once they are confirmed', async () => {
      const [one, two, other] = [poll(), poll(), poll({ endpointId: y })];
      const request = given.rows.notification({ endpointId: x });
      await insert(one, two, other, request);
      await confirm([one.id, other.id, request.id, 'nothing' as NotificationId]);
      await confirm([]);
      expect(idsOf(await polled())).toEqual([two.id]);
      expect(idsOf(await polled(y))).toEqual([other.id]);
      const rows = await given.storage.read.notifications.list(accountId, { limit: 9, offset: 0 });
      expect(rows.find(({ id }) => id === one.id)).toEqual({
        ...one,
        status: 'delivered',
        dueAt: START + 5,
        doneAt: START + 5,
      });
      expect(rows.find(({ id }) => id === request.id)).toEqual(request);
    });

    it('are confirmed in any number at once', async () => {
      const all = Array.from({ length: 1_200 }, () => poll());
      await insert(...all);
      await confirm(idsOf(all));
      expect(await polled()).toEqual([]);
    });

    it('are claimed by nobody, and not counted as waiting', async () => {
      await insert(poll(), poll());
      const lease = { nodeId: nodeA, now: START, leaseUntil: START + MINUTE };
      const { notifications } = given.storage.read;
      const claimed = await given.storage.write(async (tx) => [
        ...(await tx.notifications.claim({ ...lease, limit: 10, except: [] })),
        ...(await tx.notifications.claimForSessions({
          ...lease,
          wishes: [{ endpointId: x, limit: 10 }],
        })),
      ]);
      expect(claimed).toEqual([]);
      expect((await notifications.counts()).map(({ count }) => count)).toEqual([0, 0]);
    });

    it('go when nobody has confirmed them for long, and no others with them', async () => {
      const [old, young] = [poll({ dueAt: START - 46 * DAY }), poll()];
      const request = given.rows.notification({ dueAt: START - 46 * DAY });
      const session = given.rows.notification({ via: 'session', dueAt: START - 46 * DAY });
      await insert(old, young, request, session);
      const cuts = { ...cutsAt(0), unconfirmed: START - 45 * DAY };
      expect(await given.storage.write((tx) => tx.retain(cuts, 100))).toBe(1);
      expect(idsOf(await polled())).toEqual([young.id]);
      const left = await given.storage.read.notifications.list(accountId, { limit: 9, offset: 0 });
      expect(left).toHaveLength(3);
    });
  });

  describe('signing keys', () => {
    const page = { limit: 10, offset: 0 };

    it('come back as they were, newest first, each account’s own', async () => {
      const { storage, rows } = given;
      const [one, two] = [rows.signingKey(accountId), rows.signingKey(accountId)];
      const foreign = rows.signingKey('other' as AccountId, { enabled: 1 });
      await storage.write(async (tx) => {
        for (const key of [one, two, foreign]) await tx.signingKeys.insert(key);
      });
      const { signingKeys } = storage.read;
      expect(await signingKeys.list(accountId, page)).toEqual([two, one]);
      expect(await signingKeys.list(accountId, { limit: 1, offset: 1 })).toEqual([one]);
      expect(await signingKeys.find(accountId, one.id)).toEqual(one);
      expect(await signingKeys.find(accountId, foreign.id)).toBeUndefined();
      expect(await signingKeys.enabled(accountId)).toBeUndefined();
    });

    it('are enabled one at a time', async () => {
      const { storage, rows } = given;
      const [one, two] = [rows.signingKey(accountId), rows.signingKey(accountId)];
      const foreign = rows.signingKey('other' as AccountId, { enabled: 1 });
      await storage.write(async (tx) => {
        for (const key of [one, two, foreign]) await tx.signingKeys.insert(key);
      });
      const enable = (id: SigningKeyId | null) =>
        storage.write((tx) => tx.signingKeys.enable(accountId, id));
      const { signingKeys } = storage.read;
      expect(await enable(one.id)).toBe(true);
      expect(await enable(two.id)).toBe(true);
      expect(await signingKeys.enabled(accountId)).toEqual({ ...two, enabled: 1 });
      expect(await enable(foreign.id)).toBe(false);
      expect(await enable(null)).toBe(true);
      expect(await signingKeys.enabled(accountId)).toBeUndefined();
      expect(await signingKeys.enabled('other' as AccountId)).toEqual(foreign);
      expect(await storage.write((tx) => tx.signingKeys.remove(accountId, foreign.id))).toBe(false);
      expect(await storage.write((tx) => tx.signingKeys.remove(accountId, one.id))).toBe(true);
      expect(await signingKeys.list(accountId, page)).toEqual([two]);
    });
  });

  describe('endpoints', () => {
    it('change their settings', async () => {
      const { storage, rows } = given;
      const endpoint = rows.endpoint(accountId, { via: 'poll' });
      await storage.write((tx) => tx.endpoints.insert(endpoint));
      const changed = { ...endpoint, url: 'https://x.example/', settings: { method: 'PUT' } };
      await storage.write((tx) => tx.endpoints.update(changed));
      expect(await storage.read.endpoints.ofAccount(accountId)).toEqual([changed]);
      expect(await storage.write((tx) => tx.endpoints.ofAccount(accountId))).toEqual([changed]);
    });
  });
}
