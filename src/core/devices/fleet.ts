import { BoundedMap } from '../bounded-map.ts';
import type { AccountId, DeviceId } from '../ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { DevicePolicy, StoredDevice } from './device.ts';
import { isOnline } from './device.ts';
import { allowance } from './pace.ts';
import type { Sightings } from './sightings.ts';

/** How long what another process changed may take to be seen here. */
const freshForMs = 1_000;
const keptAccounts = 1_000;
/** How long queues are counted from what is put into them here, before they are looked at again. */
const countedForMs = 10_000;

/** A phone that is online, as it is looked at. */
interface Candidate {
  device: StoredDevice;
  rests: boolean;
  load: number;
}

/**
 * The phones of accounts, for whoever chooses one of them: kept for a moment, since a burst of messages asks for
 * each. How long their queues are is counted from one look to the next.
 */
export class Fleet {
  readonly #storage: Pick<Storage, 'read'>;
  readonly #clock: Clock;
  readonly #policy: DevicePolicy;
  readonly #sightings: Sightings;
  readonly #kept = new BoundedMap<AccountId, { at: number; devices: Promise<StoredDevice[]> }>(
    keptAccounts,
  );
  #loads: { at: number; of: Promise<Map<DeviceId, number>> } | undefined;
  /** Among equals, who was chosen the longest ago. */
  readonly #turns = new BoundedMap<DeviceId, number>(20_000);
  #turn = 0;

  constructor(parts: {
    storage: Pick<Storage, 'read'>;
    clock: Clock;
    policy: DevicePolicy;
    sightings: Sightings;
  }) {
    this.#storage = parts.storage;
    this.#clock = parts.clock;
    this.#policy = parts.policy;
    this.#sightings = parts.sightings;
  }

  async devicesOf(accountIds: Iterable<AccountId>): Promise<Map<AccountId, StoredDevice[]>> {
    const found = new Map<AccountId, StoredDevice[]>();
    await Promise.all(
      [...new Set(accountIds)].map(async (id) => {
        const devices = await this.#devicesOf(id);
        found.set(
          id,
          devices.map((device) => this.#sightings.update(device)),
        );
      }),
    );
    return found;
  }

  forget(accountId: AccountId): void {
    this.#kept.delete(accountId);
  }

  /** How many wait at each phone, about. */
  async loads(): Promise<Map<DeviceId, number>> {
    const now = this.#clock.now();
    const known = this.#loads;
    if (known && now - known.at >= 0 && now - known.at < countedForMs) return known.of;
    const of = this.#storage.read.errands.loads('waiting');
    this.#loads = { at: now, of };
    of.catch(() => {
      this.#loads = undefined;
    });
    return of;
  }

  /**
   * The phone for a message that may go by any of these: of those that are online the one that may send now and has
   * the shortest queue. With none online the one that was heard of last, where messages wait for their phones.
   * @param loads as `loads` gives them; what is chosen counts from now on.
   */
  choose(
    devices: readonly StoredDevice[],
    loads: Map<DeviceId, number>,
    { waits = this.#policy.whenSilent === 'wait' }: { waits?: boolean } = {},
  ): StoredDevice | undefined {
    const now = this.#clock.now();
    let best: Candidate | undefined;
    let last: StoredDevice | undefined;
    for (const device of devices) {
      if (isOnline(device, this.#policy, now)) {
        const load = loads.get(device.id) ?? 0;
        const one = { device, rests: this.#rests(device, now), load };
        if (!best || this.#isBetter(one, best)) best = one;
      } else if (waits && !best && (!last || device.lastSeenAt > last.lastSeenAt)) {
        last = device;
      }
    }
    const chosen = best?.device ?? last;
    if (!chosen) return undefined;
    loads.set(chosen.id, (loads.get(chosen.id) ?? 0) + 1);
    this.#turns.set(chosen.id, ++this.#turn);
    return chosen;
  }

  #isBetter(one: Candidate, best: Candidate): boolean {
    if (one.rests !== best.rests) return best.rests;
    if (one.load !== best.load) return one.load < best.load;
    return (this.#turns.get(one.device.id) ?? 0) < (this.#turns.get(best.device.id) ?? 0);
  }

  #rests({ restUntil, settings }: StoredDevice, now: number): boolean {
    if (restUntil > now) return true;
    return settings.hours !== null && allowance(settings, [], now).parts === 0;
  }

  #devicesOf(id: AccountId): Promise<StoredDevice[]> {
    const now = this.#clock.now();
    const kept = this.#kept.get(id);
    if (kept && now - kept.at >= 0 && now - kept.at < freshForMs) return kept.devices;
    const devices = this.#storage.read.devices.ofAccount(id);
    this.#kept.set(id, { at: now, devices });
    devices.catch(() => this.#kept.delete(id));
    return devices;
  }
}
