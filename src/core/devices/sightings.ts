import { BoundedMap } from '../bounded-map.ts';
import type { DeviceId } from '../ids.ts';
import type { Storage } from '../ports/storage.ts';
import type { StoredDevice } from './device.ts';

type Sighting = Pick<StoredDevice, 'id' | 'lastSeenAt' | 'version' | 'battery' | 'health'>;

/** Devices whose sightings share a transaction. */
const devicesAtOnce = 500;
const remembered = 20_000;

/**
 * When phones were heard of, on the way to disk. Each request of a phone is a sighting, and a write for each
 * would be the most of all writes; so they are gathered, and written every few seconds. If the process dies,
 * phones were seen some seconds earlier than they were, and no harm is done.
 */
export class Sightings {
  readonly #storage: Pick<Storage, 'write'>;
  readonly #latest = new BoundedMap<DeviceId, Sighting>(remembered);
  #unwritten = new Set<DeviceId>();

  constructor(storage: Pick<Storage, 'write'>) {
    this.#storage = storage;
  }

  add(
    device: StoredDevice,
    at: number,
    more: Partial<Pick<Sighting, 'version' | 'battery' | 'health'>> = {},
  ): void {
    const known = this.#latest.get(device.id);
    const before = known && known.lastSeenAt >= device.lastSeenAt ? known : device;
    const { id, version, battery, health } = before;
    this.#latest.set(id, { id, version, battery, health, ...more, lastSeenAt: at });
    this.#unwritten.add(id);
  }

  /** The device as it was last heard of. */
  update<Device extends StoredDevice>(device: Device): Device {
    const known = this.#latest.get(device.id);
    return known && known.lastSeenAt >= device.lastSeenAt ? { ...device, ...known } : device;
  }

  /** Writes what was gathered. @throws as the storage; what could not be written waits on. */
  async write(): Promise<void> {
    const ids = [...this.#unwritten];
    this.#unwritten = new Set();
    const sightings = ids.flatMap((id) => this.#latest.get(id) ?? []);
    for (let done = 0; done < sightings.length; done += devicesAtOnce) {
      const some = sightings.slice(done, done + devicesAtOnce);
      try {
        await this.#storage.write((tx) => tx.devices.seen(some));
      } catch (error) {
        for (const { id } of sightings.slice(done)) this.#unwritten.add(id);
        throw error;
      }
    }
  }
}
