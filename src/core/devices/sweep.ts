import type { AccountId, DeviceId } from '../ids.ts';
import type { TimelineEntry } from '../messages/message.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import { isOnline } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { asEarlierSaid } from './errand.ts';
import { nothingSettled, settle } from './settle.ts';
import { simAt } from './sims.ts';
import type { Swept } from './swept.ts';

/** The most errands that one round of a sweep moves: a round is one short transaction. */
const roundLimit = 500;
/** Rounds of one sweep before the others have their turn. */
const roundsAtOnce = 20;
/** A phone at which something waits is woken again after this time, should it not have heard. */
const nudgeMs = 60_000;

/**
 * What follows from the silence of phones, and from time: for the one node that holds the link.
 *
 * - What waits untouched at a silent phone, or at one that is gone, goes to another phone of its account that is
 *   online; what must go by that very phone waits for it. What a phone was given is never moved.
 * - What still waits when its time is over has expired; so has what was to be taken back, if nobody said whether it was:
 *   its message is open until its receipt is overdue.
 * - What a phone began to send and said no more of counts as sent: the news of it gets lost now and then, and it is
 *   never sent again.
 * - Phones at which something waits that they may have, or that were given something and do not answer, are woken.
 */
export class DeviceSweep {
  readonly #context: DeviceContext;
  readonly #silent = new Set<DeviceId>();
  readonly #nudged = new Map<DeviceId, number>();

  constructor(context: DeviceContext) {
    this.#context = context;
  }

  async run(): Promise<Swept> {
    const expired = await rounds(() => this.#expire());
    const unconfirmed = await rounds(() => this.#confirm());
    const { storage, clock } = this.#context.delivery;
    const waiting = await storage.read.errands.loads('waiting');
    const given = await storage.read.errands.loads('given');
    const devices = new Map<DeviceId, StoredDevice | undefined>();
    for (const id of new Set([...waiting.keys(), ...given.keys()])) {
      const device = await storage.read.devices.find(id);
      devices.set(id, device && this.#context.sightings.update(device));
    }
    const now = clock.now();
    const silent: Swept['silent'] = [];
    let moved = 0;
    for (const [id, device] of devices) {
      if (device && isOnline(device, this.#context.policy, now)) {
        this.#silent.delete(id);
        if (given.has(id)) this.#nudge(device, now);
        else if (waiting.has(id) && !this.#rests(device, now)) this.#nudge(device, now);
        continue;
      }
      if (device && !this.#silent.has(id)) {
        this.#silent.add(id);
        const counts = { waiting: waiting.get(id) ?? 0, given: given.get(id) ?? 0 };
        silent.push({ device, ...counts });
        if (counts.given > 0) await this.#mark(device);
      }
      if (waiting.has(id)) moved += await rounds(() => this.#moveFrom(id, device));
      // It may have lost its line, and come back by it.
      if (device && waiting.has(id) && !this.#rests(device, now)) this.#nudge(device, now);
    }
    this.#forget(devices);
    return { silent, moved, expired, unconfirmed };
  }

  #rests({ id, restUntil }: StoredDevice, now: number): boolean {
    // It is woken as soon as its rest is over.
    if (restUntil > now) this.#nudged.set(id, 0);
    return restUntil > now;
  }

  #nudge({ id }: StoredDevice, now: number): void {
    const last = this.#nudged.get(id);
    // Whoever put something into its queue has woken it.
    if (last === undefined) this.#nudged.set(id, now);
    if (last === undefined || now - last < nudgeMs) return;
    this.#nudged.set(id, now);
    this.#context.wakes.tell(id, { kind: 'messages' });
  }

  /** What a silent phone was given stays there: whoever looks at it should know. */
  async #mark({ id }: StoredDevice): Promise<void> {
    const { storage, clock } = this.#context.delivery;
    const errands = await storage.read.errands.given(id, {
      order: 'fifo',
      limit: roundLimit,
      takesBack: true,
    });
    const at = clock.now();
    const detail = `the phone ${id} was given it, and is silent`;
    await storage.write((tx) =>
      tx.timeline.insert(
        errands.map(({ messageId }) => ({ messageId, at, what: 'phone silent', detail })),
      ),
    );
  }

  /** Of phones at which nothing waits any more nothing need be known. */
  #forget(waiting: ReadonlyMap<DeviceId, unknown>): void {
    for (const id of this.#silent) if (!waiting.has(id)) this.#silent.delete(id);
    for (const id of this.#nudged.keys()) if (!waiting.has(id)) this.#nudged.delete(id);
  }

  async #moveFrom(id: DeviceId, device: StoredDevice | undefined): Promise<number> {
    const { delivery, fleet, policy, wakes } = this.#context;
    const { storage, clock } = delivery;
    const { moved, woken, committed } = await storage.write(async (tx) => {
      const now = clock.now();
      const waiting = await tx.errands.lockWaiting(id, 'fifo', roundLimit);
      const fleets = await fleet.devicesOf(waiting.map(({ accountId }) => accountId));
      const loads = await fleet.loads();
      const online = new Map<AccountId, StoredDevice[]>();
      for (const [accountId, all] of fleets) {
        online.set(
          accountId,
          all.filter((one) => one.id !== id && isOnline(one, policy, now)),
        );
      }
      const going: StoredErrand[] = [];
      const timeline: TimelineEntry[] = [];
      const settled = nothingSettled();
      for (const errand of waiting) {
        if (errand.pinned) {
          if (device) continue;
          const detail = 'Its phone is not enrolled any more.';
          Object.assign(errand, { state: 'failed', error: detail, doneAt: now, secret: null });
          settled.unsent.push({ errand, end: 'failed', detail });
          going.push(errand);
          continue;
        }
        const next = fleet.choose(online.get(errand.accountId) ?? [], loads, { waits: false });
        if (!next) continue;
        Object.assign(errand, { deviceId: next.id, sim: simAt(errand, device, next) });
        going.push(errand);
        const why = device ? 'is silent' : 'is not enrolled any more';
        const detail = `the phone ${id} ${why}: to ${next.id}`;
        timeline.push({ messageId: errand.messageId, at: now, what: 'moved', detail });
      }
      await tx.errands.save(going);
      if (timeline.length > 0) await tx.timeline.insert(timeline);
      return {
        moved: going.length,
        woken: new Set(going.map(({ deviceId }) => deviceId)),
        committed: await settle(tx, settled, delivery),
      };
    });
    committed();
    woken.delete(id);
    for (const next of woken) wakes.tell(next, { kind: 'messages' });
    return moved;
  }

  async #expire(): Promise<number> {
    const { storage, clock } = this.#context.delivery;
    const { count, committed } = await storage.write(async (tx) => {
      const now = clock.now();
      const errands = (await tx.errands.expired(now, roundLimit)).filter(
        ({ state }) => state === 'waiting',
      );
      const settled = nothingSettled();
      const detail = 'No phone took it in time.';
      for (const errand of errands) {
        Object.assign(errand, { state: 'expired', error: detail, doneAt: now, secret: null });
        settled.unsent.push({ errand, end: 'expired', detail });
      }
      // Who knows no such thing was not asked to take it back; who was broken has not answered.
      const unanswered = (await tx.errands.unanswered(now, roundLimit)).filter(
        ({ state }) => state === 'cancelling',
      );
      const error = 'The phone did not say whether it took it back.';
      for (const errand of unanswered) {
        const expired = { state: 'expired', error, doneAt: now, secret: null };
        Object.assign(errand, asEarlierSaid(errand) ?? expired);
      }
      await tx.errands.save([...errands, ...unanswered]);
      return {
        count: Math.max(errands.length, unanswered.length),
        committed: await settle(tx, settled, this.#context.delivery),
      };
    });
    committed();
    return count;
  }

  async #confirm(): Promise<number> {
    const { delivery, policy } = this.#context;
    const { storage, clock } = delivery;
    const { count, committed } = await storage.write(async (tx) => {
      const now = clock.now();
      const before = now - policy.unconfirmedAfterMs;
      const errands = (await tx.errands.unconfirmed(before, roundLimit)).filter(
        ({ state }) => state === 'taken',
      );
      const sent = errands.filter(({ sentAt }) => sentAt === null);
      for (const errand of errands) {
        const { sentAt } = errand;
        Object.assign(errand, {
          state: 'sent',
          unconfirmed: 1,
          sentAt: sentAt ?? now,
          secret: null,
        });
      }
      await tx.errands.save(errands);
      return {
        count: errands.length,
        committed: await settle(tx, { ...nothingSettled(), sent }, delivery),
      };
    });
    committed();
    return count;
  }
}

async function rounds(round: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let done = 0; done < roundsAtOnce; done++) {
    const count = await round();
    all += count;
    if (count < roundLimit) break;
  }
  return all;
}
