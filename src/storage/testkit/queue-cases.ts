import { describe, expect, it } from 'vitest';

import type { NodeId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import type { Holders, Storage } from '../../core/ports/storage.ts';
import type { Given } from './given.ts';
import { DAY, MINUTE, START, idsOf, linkA, linkB, nodeA, nodeB } from './fixtures.ts';

/** The queue: claims, leases, and what the reaper finds. */
export function queueCases(given: Given): void {
  const insert = (...messages: Message[]) =>
    given.storage.write((tx) => tx.messages.insert(messages));
  const get = async (message: Message) => given.storage.read.messages.findAny(message.id);
  const claim = (
    over: { linkId?: typeof linkA; nodeId?: NodeId; now?: number; limit?: number } = {},
    storage: Storage = given.storage,
  ) => {
    const now = over.now ?? START;
    const leaseUntil = now + MINUTE;
    const wanted = { linkId: linkA, nodeId: nodeA, limit: 100, ...over, now, leaseUntil };
    return storage.write((tx) => tx.messages.claim(wanted));
  };

  describe('claim', () => {
    it('takes what is due under a lease and gives it as it is then', async () => {
      const message = given.rows.message();
      await insert(message);
      const claimed = { ...message, lockedBy: nodeA, dueAt: START + MINUTE };
      expect(await claim()).toEqual([claimed]);
      expect(await get(message)).toEqual(claimed);
    });

    it('goes by priority, then age, to the limit', async () => {
      const { rows } = given;
      const oldLow = rows.message({ priority: -1, dueAt: START - 9 });
      const [young, old] = [rows.message(), rows.message({ dueAt: START - 5 })];
      const urgent = rows.message({ priority: 7 });
      await insert(oldLow, young, old, urgent);
      expect(idsOf(await claim({ limit: 3 }))).toEqual(idsOf([urgent, old, young]));
      expect(idsOf(await claim({ limit: 3 }))).toEqual([oldLow.id]);
      expect(await claim({ limit: 3 })).toEqual([]);
    });

    it('leaves out other links, other states, and what waits for a later time', async () => {
      const { rows } = given;
      const late = rows.message({ priority: 9, dueAt: START + 1 });
      const rest = (['scheduled', 'sending', 'sent', 'delivered', 'cancelled'] as const).map(
        (status) => rows.message({ status }),
      );
      const due = rows.message();
      await insert(late, rows.message({ linkId: linkB }), ...rest, due);
      expect(idsOf(await claim())).toEqual([due.id]);
    });

    it('takes a row again when its lease has ended, not before', async () => {
      const message = given.rows.message();
      await insert(message);
      await claim();
      expect(await claim({ nodeId: nodeB, now: START + MINUTE - 1 })).toEqual([]);
      const again = await claim({ nodeId: nodeB, now: START + MINUTE });
      expect(again.map(({ lockedBy }) => lockedBy)).toEqual([nodeB]);
    });

    it('leaves a row alone that was inserted under a lease', async () => {
      const { rows } = given;
      await insert(rows.claimed());
      expect(await claim({ nodeId: nodeB })).toEqual([]);
    });

    it('never gives a row to two nodes', async () => {
      const { rows } = given;
      const messages = rows.messages(400, (at) => ({ priority: at % 3 }));
      await insert(...messages);
      const other = await given.another();
      const rounds = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          at % 2 === 0 ? claim({ limit: 23 }) : claim({ limit: 23, nodeId: nodeB }, other),
        ),
      );
      const ids = rounds.flatMap(idsOf);
      expect(ids.toSorted()).toEqual(idsOf(messages).toSorted());
    });
  });

  it('unclaim gives back at once what this node holds', async () => {
    const { storage, rows } = given;
    const [mine, foreign, gone] = [
      rows.claimed(),
      rows.claimed({ lockedBy: nodeB }),
      rows.claimed({ status: 'sending' }),
    ];
    await insert(mine, foreign, gone);
    const ids = idsOf([mine, foreign, gone]);
    await storage.write((tx) => tx.messages.unclaim(ids, nodeA, START + 5));
    expect(await get(mine)).toEqual({ ...mine, lockedBy: null, dueAt: START + 5 });
    expect(await get(foreign)).toEqual(foreign);
    expect(await get(gone)).toEqual(gone);
  });

  it.each(['scheduled', 'sending', 'sent'] as const)(
    'due: %s rows, oldest first',
    async (status) => {
      const { storage, rows } = given;
      const at = (dueAt: number) => rows.message({ status, dueAt });
      const [later, third, first, second] = [
        at(START + 1),
        at(START),
        at(START - 2),
        at(START - 1),
      ];
      const others = (['queued', 'scheduled', 'sending', 'sent', 'delivered'] as const)
        .filter((other) => other !== status)
        .map((other) => rows.message({ status: other }));
      await insert(later, third, first, second, ...others);
      const due = (limit: number) => storage.write((tx) => tx.messages.due(status, START, limit));
      expect(await due(10)).toEqual([first, second, third]);
      expect(await due(2)).toEqual([first, second]);
    },
  );

  it('expired: queued rows whose validity has passed and that nobody holds', async () => {
    const { storage, rows } = given;
    const past = { expiresAt: START - 1, createdAt: START - DAY };
    const free = rows.message(past);
    const onTheSpot = rows.message({ expiresAt: START });
    const waiting = rows.message({ ...past, dueAt: START + DAY });
    const held = rows.claimed(past);
    const leaseEnded = rows.claimed({ ...past, dueAt: START });
    const valid = rows.message({ expiresAt: START + 1 });
    const ended = rows.message({ ...past, status: 'expired' });
    await insert(free, onTheSpot, waiting, held, leaseEnded, valid, ended);
    const expired = (limit: number) => storage.write((tx) => tx.messages.expired(START, limit));
    expect(idsOf(await expired(10)).toSorted()).toEqual(
      idsOf([free, onTheSpot, waiting, leaseEnded]).toSorted(),
    );
    expect(await expired(2)).toHaveLength(2);
    expect(await expired(4)).toHaveLength(4);
  });

  const nodeC = 'node-c' as NodeId;
  it.each<[string, Holders, Holders]>([
    ['dead nodes', [nodeB, nodeC], [nodeA]],
    ['everybody else', { allBut: nodeA }, { allBut: nodeB }],
  ])('reclaim: what %s hold becomes due now', async (_, holders, others) => {
    const { storage, rows } = given;
    const lease = { dueAt: START + DAY };
    const dead = [
      rows.claimed({ ...lease, lockedBy: nodeB }),
      rows.claimed({ ...lease, lockedBy: nodeB, priority: 5 }),
      rows.claimed({ ...lease, lockedBy: nodeC, linkId: linkB, priority: -5 }),
      rows.claimed({ ...lease, lockedBy: nodeB, status: 'sending' }),
    ];
    const untouched = [
      rows.claimed(lease),
      rows.claimed({ ...lease, status: 'sending' }),
      rows.message(lease),
      rows.message({ ...lease, status: 'sent' }),
      rows.message({ ...lease, status: 'scheduled' }),
      rows.message({ ...lease, linkId: linkB }),
    ];
    await insert(...dead, ...untouched);
    const reclaim = (from: Holders) => storage.write((tx) => tx.messages.reclaim(from, START));
    expect(await reclaim([])).toBe(0);
    expect(await reclaim(holders)).toBe(dead.length);
    for (const message of dead) {
      expect(await get(message)).toEqual({ ...message, lockedBy: null, dueAt: START });
    }
    for (const message of untouched) expect(await get(message)).toEqual(message);
    expect(await reclaim(holders)).toBe(0);
    expect(idsOf(await claim())).toEqual([dead[1]?.id, dead[0]?.id]);
    // What is claimed again now is its new holder's, beside what was his before.
    expect(await reclaim(others)).toBe(4);
  });
}
