import type { DeviceId } from '../ids.ts';
import type { Storage } from '../ports/storage.ts';
import { announcements } from '../ports/storage.ts';
import type { DeviceNews } from './device-news.ts';

type Listener = (deviceId: DeviceId, news: DeviceNews) => void;

/**
 * Tells whoever can reach a phone, on this node and on others, that there is news for it. Best effort: what
 * there is to know is in storage, and the phone asks by itself now and then.
 */
export class Wakes {
  readonly #storage: Pick<Storage, 'announce' | 'onAnnounced'>;
  readonly #listeners = new Set<Listener>();
  #listening = false;

  constructor(storage: Pick<Storage, 'announce' | 'onAnnounced'>) {
    this.#storage = storage;
  }

  tell(deviceId: DeviceId, news: DeviceNews): void {
    this.#hear(deviceId, news);
    this.#storage.announce(`${announcements.device}${JSON.stringify({ deviceId, news })}`);
  }

  /** @returns what ends it. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (!this.#listening) {
      this.#listening = true;
      this.#storage.onAnnounced((topic) => {
        if (!topic.startsWith(announcements.device)) return;
        const heard = read(topic.slice(announcements.device.length));
        if (heard) this.#hear(heard.deviceId, heard.news);
      });
    }
    return () => this.#listeners.delete(listener);
  }

  #hear(deviceId: DeviceId, news: DeviceNews): void {
    for (const listener of this.#listeners) listener(deviceId, news);
  }
}

/** Written by a node of ours, though perhaps of another release. */
function read(text: string): { deviceId: DeviceId; news: DeviceNews } | undefined {
  try {
    return JSON.parse(text) as { deviceId: DeviceId; news: DeviceNews };
  } catch {
    return undefined;
  }
}
