import { describe, expect, it } from 'vitest';

import type { AccountId, EndpointId, NodeId } from '../../core/ids.ts';
import type { Notification } from '../../core/notifications/notification.ts';
import type { Holders } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { MINUTE, START, idsOf, nodeA, nodeB } from './fixtures.ts';

const page = { limit: 100, offset: 0 };
const accountId = 'account' as AccountId;

/** The outbox. */
export function notificationCases(given: Given): void {
  const insert = (...notifications: Notification[]) =>
    given.storage.write((tx) => tx.notifications.insert(notifications));
  const list = () => given.storage.read.notifications.list(accountId, page);
  const claim = (
    over: { now?: number; limit?: number; except?: EndpointId[]; nodeId?: NodeId } = {},
  ) => {
    const now = over.now ?? START;
    const wanted = { nodeId: nodeA, limit: 100, except: [], ...over, now };
    return given.storage.write((tx) =>
      tx.notifications.claim({ ...wanted, leaseUntil: now + MINUTE }),
    );
  };
  const tryOf = (notification: Notification, nr = 1) => ({
    notificationId: notification.id,
    number: nr,
    at: START,
    durationMs: 12,
    status: nr === 1 ? 500 : null,
    detail: 'Größe 👋',
  });

  describe('notifications', () => {
    it('come back as they were, newest first, by account and by message', async () => {
      const { storage, rows } = given;
      const message = rows.message({ text: 'Ünï "quoted" \u{1f44b}' });
      const first = rows.notification({ about: message });
      const second = rows.notification();
      const foreign = rows.notification({ accountId: 'other' as AccountId, about: message });
      await insert(first, second, foreign);
      expect(await list()).toEqual([second, first]);
      const { notifications } = storage.read;
      expect(await notifications.list(accountId, { ...page, messageId: message.id })).toEqual([
        first,
      ]);
      expect(await notifications.list(accountId, { limit: 1, offset: 1 })).toEqual([first]);
    });

    it('are claimed under a lease, oldest first, to the limit', async () => {
      const { rows } = given;
      const endpoints = ['x', 'y', 'z'] as EndpointId[];
      const all = Array.from({ length: 30 }, (_, at) =>
        rows.notification({
          endpointId: endpoints[at % 3] as EndpointId,
          dueAt: START - ((at * 7) % 30),
        }),
      );
      const late = rows.notification({ dueAt: START + 1 });
      const done = rows.notification({ status: 'delivered', doneAt: START });
      await insert(...all, late, done);
      const byAge = all.toSorted((a, b) => a.dueAt - b.dueAt);
      const first = await claim({ limit: 8 });
      expect(first).toEqual(
        byAge.slice(0, 8).map((one) => ({ ...one, lockedBy: nodeA, dueAt: START + MINUTE })),
      );
      expect(idsOf(await claim({ nodeId: nodeB }))).toEqual(idsOf(byAge.slice(8)));
      expect(await claim()).toEqual([]);
      expect(await claim({ now: START + MINUTE })).toHaveLength(31);
    });

    it('of busy endpoints are left out', async () => {
      const { rows } = given;
      const [busy, free] = ['busy', 'free'] as [EndpointId, EndpointId];
      const waiting = rows.notification({ endpointId: busy, dueAt: START - 9 });
      const other = rows.notification({ endpointId: free });
      await insert(waiting, other);
      expect(idsOf(await claim({ except: [busy] }))).toEqual([other.id]);
      expect(await claim({ except: [busy, free] })).toEqual([]);
      expect(idsOf(await claim())).toEqual([waiting.id]);
    });

    it('are finished with their try', async () => {
      const { storage, rows } = given;
      const notification = rows.notification();
      await insert(notification);
      await claim();
      const again = { ...notification, attempts: 1, dueAt: START + MINUTE };
      const delivered = {
        ...again,
        attempts: 2,
        status: 'delivered' as const,
        doneAt: START + MINUTE,
      };
      const finish = (state: Notification, nr: number) =>
        storage.write((tx) =>
          tx.notifications.finish([
            { notification: state, attempt: tryOf(notification, nr), claimed: notification },
          ]),
        );
      await finish(again, 1);
      expect(await list()).toEqual([again]);
      await finish(delivered, 2);
      expect(await list()).toEqual([delivered]);
      // A second try that comes late is kept, and changes nothing.
      await finish({ ...again, status: 'failed' }, 3);
      expect(await list()).toEqual([delivered]);
      expect(await storage.read.notifications.attempts(notification.id)).toEqual(
        [1, 2, 3].map((nr) => tryOf(notification, nr)),
      );
    });

    it.each([
      { whose: 'another node has', nodeId: nodeB },
      { whose: 'the same node has once more', nodeId: nodeA },
    ])(
      'that $whose by now are not failed by a late try, but heard is heard',
      async ({ nodeId }) => {
        const { storage, rows } = given;
        const notification = rows.notification();
        await insert(notification);
        const [first] = await claim();
        const [second] = await claim({ nodeId, now: START + MINUTE });
        if (!first || !second) throw new Error('it was not claimed twice');
        const finish = (
          claimed: Notification,
          nr: number,
          state: Pick<Notification, 'status' | 'doneAt'>,
        ) => {
          const after = { ...claimed, ...state, attempts: nr, lockedBy: null, dueAt: START + nr };
          return storage.write((tx) =>
            tx.notifications.finish([
              { notification: after, attempt: tryOf(notification, nr), claimed },
            ]),
          );
        };
        await finish(first, 1, { status: 'pending', doneAt: null });
        await finish(first, 2, { status: 'failed', doneAt: START });
        expect(await list()).toEqual([second]);
        await finish(first, 3, { status: 'delivered', doneAt: START });
        const delivered = { attempts: 3, status: 'delivered', lockedBy: null, doneAt: START };
        expect(await list()).toMatchObject([delivered]);
        await finish(second, 4, { status: 'failed', doneAt: START + MINUTE });
        expect(await list()).toMatchObject([delivered]);
        // All of them were tries, and are kept.
        expect(await storage.read.notifications.attempts(notification.id)).toHaveLength(4);
      },
    );

    it('are given back by the node that holds them', async () => {
      const { storage, rows } = given;
      const [mine, foreign] = [
        rows.notification({ lockedBy: nodeA, dueAt: START + MINUTE }),
        rows.notification({ lockedBy: nodeB, dueAt: START + MINUTE }),
      ];
      await insert(mine, foreign);
      const ids = idsOf([mine, foreign]);
      await storage.write((tx) => tx.notifications.unclaim(ids, nodeA, START + 5));
      expect(await list()).toEqual([foreign, { ...mine, lockedBy: null, dueAt: START + 5 }]);
    });

    it.each<[string, Holders]>([
      ['dead nodes', [nodeB, 'node-c' as NodeId]],
      ['everybody else', { allBut: nodeA }],
    ])('are reclaimed from %s', async (_, holders) => {
      const { storage, rows } = given;
      const lease = { dueAt: START + MINUTE };
      const dead = [
        rows.notification({ ...lease, lockedBy: nodeB }),
        rows.notification({ ...lease, lockedBy: nodeB, endpointId: 'z' as EndpointId }),
      ];
      const mine = rows.notification({ ...lease, lockedBy: nodeA });
      const waiting = rows.notification(lease);
      const failed = rows.notification({ ...lease, lockedBy: nodeB, status: 'failed' });
      await insert(...dead, mine, waiting, failed);
      expect(await storage.write((tx) => tx.notifications.reclaim([], START))).toBe(0);
      expect(await storage.write((tx) => tx.notifications.reclaim(holders, START))).toBe(2);
      expect(await list()).toEqual([
        failed,
        waiting,
        mine,
        ...dead.toReversed().map((one) => ({ ...one, lockedBy: null, dueAt: START })),
      ]);
    });

    it('are replayed when they are finished', async () => {
      const { storage, rows } = given;
      const done = { attempts: 6, doneAt: START };
      const failed = rows.notification({ ...done, status: 'failed' });
      const delivered = rows.notification({ ...done, status: 'delivered' });
      const pending = rows.notification({ lockedBy: nodeB, dueAt: START + MINUTE, attempts: 1 });
      await insert(failed, delivered, pending);
      const ids = [...idsOf([failed, delivered, pending]), 'gone'] as Notification['id'][];
      expect(await storage.write((tx) => tx.notifications.replay(ids, START + 7))).toBe(2);
      const fresh = { status: 'pending', attempts: 0, dueAt: START + 7, doneAt: null };
      expect(await list()).toEqual([pending, { ...delivered, ...fresh }, { ...failed, ...fresh }]);
    });

    it('keep the try that was heard, also when they are replayed', async () => {
      const { storage, rows } = given;
      const notification = rows.notification({ lockedBy: nodeA, dueAt: START + MINUTE });
      await insert(notification);
      const { attempts } = storage.read.notifications;
      const heard = async (number: number, doneAt: number) => {
        const attempt = {
          notificationId: notification.id,
          number,
          at: doneAt - 40,
          durationMs: 40,
          status: 200,
          detail: null,
        };
        const state = { attempts: number, status: 'delivered', doneAt, lockedBy: null } as const;
        await storage.write((tx) =>
          tx.notifications.finish([
            { notification: { ...notification, ...state }, attempt, claimed: notification },
          ]),
        );
        return attempt;
      };
      const first = await heard(1, START + 50);
      expect(await list()).toMatchObject([{ status: 'delivered', doneAt: START + 50 }]);
      expect(await attempts(notification.id)).toEqual([first]);
      // Told by another node at the same time.
      const second = await heard(1, START + 60);
      expect(await list()).toMatchObject([{ status: 'delivered', doneAt: START + 50 }]);
      expect(await attempts(notification.id)).toEqual([first, second]);

      await storage.write((tx) => tx.notifications.replay([notification.id], START + 70));
      expect(await attempts(notification.id)).toEqual([second, first]);
      const third = await heard(1, START + 80);
      expect(await attempts(notification.id)).toEqual([first, second, third]);
    });

    it('are counted where somebody should look', async () => {
      const { storage, rows } = given;
      const ended = { doneAt: START };
      await insert(
        rows.notification(),
        rows.notification(),
        rows.notification({ ...ended, status: 'failed' }),
        rows.notification({ ...ended, status: 'delivered' }),
      );
      const counts = await storage.read.notifications.counts();
      expect(counts).toHaveLength(2);
      expect(counts).toEqual(
        expect.arrayContaining([
          { status: 'pending', count: 2 },
          { status: 'failed', count: 1 },
        ]),
      );
    });
  });
}
