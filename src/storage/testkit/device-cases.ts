import { describe, expect, it } from 'vitest';

import type { StoredDevice } from '../../core/devices/device.ts';
import type { StoredErrand } from '../../core/devices/errand.ts';
import type { AccountId, DeviceId, SenderId } from '../../core/ids.ts';
import type { Given } from './given.ts';
import { cutsAt, DAY, MINUTE, number, START } from './fixtures.ts';

const [mine, other] = ['mine', 'other'] as [AccountId, AccountId];

/** Phones, and the messages in their queues. */
export function deviceCases(given: Given): void {
  const enrol = async (...devices: StoredDevice[]) => {
    await given.storage.write(async (tx) => {
      for (const device of devices) await tx.devices.insert(device);
    });
  };
  const queue = (...errands: StoredErrand[]) =>
    given.storage.write((tx) => tx.errands.insert(errands));
  const idsOf = (errands: readonly StoredErrand[]) => errands.map(({ messageId }) => messageId);

  describe('devices', () => {
    it('are found by their account, id, token and hook', async () => {
      const { storage, rows } = given;
      const one = rows.device(mine, {
        sims: [],
        label: 'desk',
        settings: {
          ...rows.device(mine).settings,
          hours: { from: 540, until: 1020, days: [1, 2] },
          sims: { fixed: 2 },
        },
        senders: ['s-1', 's-2'] as SenderId[],
      });
      const two = rows.device(mine, { createdAt: START + 1 });
      const foreign = rows.device(other);
      await enrol(two, one, foreign);
      const { devices } = storage.read;
      expect(await devices.ofAccount(mine)).toEqual([one, two]);
      expect(await devices.find(one.id)).toEqual(one);
      expect(await devices.findByToken(two.token)).toEqual(two);
      expect(await devices.findByHook(foreign.hook)).toEqual(foreign);
      expect(await devices.find('nobody' as DeviceId)).toBeUndefined();
      expect(await devices.findByToken('nobody')).toBeUndefined();
      expect(await devices.list({ limit: 2, offset: 1 })).toHaveLength(2);
      expect(await devices.present([one.id, 'gone' as DeviceId])).toEqual(new Set([one.id]));
      expect(await storage.write((tx) => tx.devices.count(mine))).toBe(2);
    });

    it('have a token of their own', async () => {
      const { rows } = given;
      const one = rows.device(mine);
      await enrol(one);
      await expect(enrol(rows.device(mine, { token: one.token }))).rejects.toThrow();
      await expect(enrol(rows.device(mine, { hook: one.hook }))).rejects.toThrow();
    });

    it('are changed, seen and rested apart from each other', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      await enrol(device);
      const changed: StoredDevice = {
        ...device,
        name: 'Other',
        label: 'desk',
        number: number(7),
        sims: [],
        settings: { ...device.settings, pace: null },
        token: 'another',
        pushToken: 'sealed',
        senders: ['s-1' as SenderId],
      };
      const sighting = { lastSeenAt: START + 1, version: '1.70.0', battery: 87, health: 'warn' };
      await storage.write(async (tx) => {
        expect(await tx.devices.lock([device.id, 'gone' as DeviceId])).toEqual([device]);
        await tx.devices.seen([{ id: device.id, ...sighting } as StoredDevice]);
        await tx.devices.rest([{ id: device.id, restUntil: START + 2 }]);
        // As it was before: it knows nothing of the other two.
        await tx.devices.save(changed);
      });
      expect(await storage.read.devices.find(device.id)).toEqual({
        ...changed,
        ...sighting,
        restUntil: START + 2,
      });
    });

    it('go, once', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      await enrol(device);
      expect(await storage.write((tx) => tx.devices.remove(device.id))).toBe(true);
      expect(await storage.write((tx) => tx.devices.remove(device.id))).toBe(false);
      expect(await storage.read.devices.ofAccount(mine)).toEqual([]);
    });
  });

  describe('errands', () => {
    it('are put into a queue once, and found by the account they belong to', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      const [one, two] = [
        rows.errand(device, { tried: ['a' as DeviceId], secret: 'sealed', sim: 2, pinned: 1 }),
        rows.errand(device),
      ];
      expect(await queue(one)).toEqual([one]);
      expect(await queue({ ...one, deviceId: 'b' as DeviceId }, two)).toEqual([two]);
      const { errands } = storage.read;
      const ids = [one.messageId, two.messageId, one.messageId];
      expect(await errands.find(mine, ids)).toEqual([one, two]);
      expect(await errands.find(other, ids)).toEqual([]);
    });

    it('wait by priority, then age in either direction', async () => {
      const { storage, rows } = given;
      const [device, elsewhere] = [rows.device(mine), rows.device(mine)];
      const [old, urgent, young] = [
        rows.errand(device),
        rows.errand(device, { priority: 5 }),
        rows.errand(device),
      ];
      await queue(old, urgent, young);
      await queue(rows.errand(device, { state: 'given' }), rows.errand(elsewhere));
      const waiting = (order: 'fifo' | 'lifo', limit = 10) =>
        storage.write((tx) => tx.errands.lockWaiting(device.id, order, limit));
      expect(idsOf(await waiting('fifo'))).toEqual(idsOf([urgent, old, young]));
      expect(idsOf(await waiting('lifo'))).toEqual(idsOf([urgent, young, old]));
      expect(idsOf(await waiting('fifo', 2))).toEqual(idsOf([urgent, old]));
      const { errands } = storage.read;
      expect(await errands.hasWaiting(device.id)).toBe(true);
      expect(await errands.hasWaiting('nobody' as DeviceId)).toBe(false);
      expect(await errands.loads('waiting')).toEqual(
        new Map([
          [device.id, 3],
          [elsewhere.id, 1],
        ]),
      );
      expect(await errands.loads('given')).toEqual(new Map([[device.id, 1]]));
    });

    it('that were given and not answered are given again', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      const states = ['given', 'cancelling', 'waiting', 'taken', 'sent', 'given'] as const;
      const errands = states.map((state) => rows.errand(device, { state }));
      await queue(...errands);
      const [first, second, , , , last] = errands as [StoredErrand, ...StoredErrand[]];
      const { given: again } = storage.read.errands;
      const all = { order: 'fifo', limit: 10, takesBack: true } as const;
      expect(await again(device.id, all)).toEqual([first, second, last]);
      expect(await again(device.id, { ...all, order: 'lifo', limit: 1 })).toEqual([last]);
      expect(await again(device.id, { ...all, takesBack: false })).toEqual([first, last]);
      const counts = await storage.write((tx) =>
        Promise.all([
          tx.errands.countGiven(device.id, all),
          tx.errands.countGiven(device.id, { ...all, limit: 2 }),
          tx.errands.countGiven(device.id, { ...all, takesBack: false }),
        ]),
      );
      expect(counts).toEqual([3, 2, 2]);
    });

    it('are changed under a lock', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      const errand = rows.errand(device, { secret: 'sealed' });
      await queue(errand);
      const changed: StoredErrand = {
        ...errand,
        deviceId: 'next' as DeviceId,
        sim: 2,
        parts: 3,
        state: 'sent',
        attempt: 2,
        tried: [device.id],
        secret: null,
        pulledAt: START + 1,
        processedAt: START + 2,
        sentAt: START + 3,
        doneAt: START + 4,
        unconfirmed: 1,
        error: 'no "service"',
      };
      await storage.write(async (tx) => {
        expect(await tx.errands.lock([errand.messageId, errand.messageId])).toEqual([errand]);
        await tx.errands.save([changed]);
      });
      expect(await storage.read.errands.find(mine, [errand.messageId])).toEqual([changed]);
    });

    it('count by when they were given, the newest first', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      await queue(
        ...[3, 1, 2].map((minute) =>
          rows.errand(device, {
            state: 'taken',
            parts: minute,
            pulledAt: START + minute * MINUTE,
          }),
        ),
        rows.errand(device),
      );
      const pulled = (since: number, limit = 10) =>
        storage.write((tx) => tx.errands.pulled(device.id, since, limit));
      const at = (minute: number) => ({ at: START + minute * MINUTE, parts: minute });
      expect(await pulled(START)).toEqual([at(3), at(2), at(1)]);
      expect(await pulled(START + 2 * MINUTE)).toEqual([at(3), at(2)]);
      expect(await pulled(START, 1)).toEqual([at(3)]);
    });

    it('expire while they wait, and are unconfirmed when nothing follows', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      const late = rows.errand(device, { expiresAt: START });
      const unanswered = rows.errand(device, { expiresAt: START, state: 'cancelling' });
      const stuck = rows.errand(device, { state: 'taken', processedAt: START - 1 });
      await queue(
        late,
        stuck,
        rows.errand(device, { expiresAt: START, state: 'given' }),
        unanswered,
        rows.errand(device, { expiresAt: START + 1, state: 'cancelling' }),
        rows.errand(device, { expiresAt: START + 1 }),
        rows.errand(device, { state: 'taken', processedAt: START }),
        rows.errand(device, { state: 'taken' }),
        rows.errand(device, { state: 'sent', processedAt: START - 1 }),
      );
      const [expired, unconfirmed] = await storage.write(async (tx) => [
        await tx.errands.expired(START, 10),
        await tx.errands.unconfirmed(START, 10),
      ]);
      expect(await storage.write((tx) => tx.errands.unanswered(START, 10))).toEqual([unanswered]);
      expect(expired).toEqual([late]);
      expect(unconfirmed).toEqual([stuck]);
    });

    it('go with their messages', async () => {
      const { storage, rows } = given;
      const device = rows.device(mine);
      const done = { accountId: mine, createdAt: START - DAY, doneAt: START - DAY };
      const message = rows.message({ ...done, status: 'delivered' });
      const errand = rows.errand(device, { messageId: message.id, state: 'delivered' });
      await storage.write((tx) => tx.messages.insert([message]));
      await queue(errand);
      await storage.write((tx) => tx.retain({ ...cutsAt(0), messages: START + 7 * DAY }, 10));
      expect(await storage.read.errands.find(mine, [message.id])).toEqual([]);
    });
  });

  describe('one-time codes', () => {
    it('are taken once', async () => {
      const { storage, rows } = given;
      const code = rows.enrolmentCode(mine);
      const again = { ...code, accountId: other };
      expect(await storage.write((tx) => tx.enrolmentCodes.insert(code))).toBe(true);
      expect(await storage.write((tx) => tx.enrolmentCodes.insert(again))).toBe(false);
      expect(await storage.write((tx) => tx.enrolmentCodes.take(code.code))).toEqual(code);
      expect(await storage.write((tx) => tx.enrolmentCodes.take(code.code))).toBeUndefined();
    });

    it('go when their time is over', async () => {
      const { storage, rows } = given;
      const [old, young] = [
        rows.enrolmentCode(mine, { expiresAt: START }),
        rows.enrolmentCode(mine, { expiresAt: START + 1 }),
      ];
      await storage.write(async (tx) => {
        for (const code of [old, young]) await tx.enrolmentCodes.insert(code);
      });
      const cuts = { ...cutsAt(0), enrolmentCodes: START };
      expect(await storage.write((tx) => tx.retain(cuts, 10))).toBe(1);
      const [gone, there] = await storage.write(async (tx) => [
        await tx.enrolmentCodes.take(old.code),
        await tx.enrolmentCodes.take(young.code),
      ]);
      expect(gone).toBeUndefined();
      expect(there).toEqual(young);
    });
  });

  it('who may show an address is known, as whatever', async () => {
    const { storage, rows } = given;
    await storage.write(async (tx) => {
      await tx.senders.insert(rows.sender(mine, { address: '61400000001', kind: 'shared' }));
      await tx.senders.insert(rows.sender(other, { address: '+61400000001', kind: 'shared' }));
    });
    const holders = await storage.write((tx) => tx.senders.holders(['61400000001', 'nobody']));
    expect(holders.get('61400000001')?.toSorted()).toEqual([mine, other]);
    expect(holders.get('nobody')).toEqual([]);
  });
}
