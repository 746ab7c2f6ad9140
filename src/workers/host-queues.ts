import { BoundedMap } from '../core/bounded-map.ts';
import type { EndpointId } from '../core/ids.ts';

const knownEndpoints = 20_000;

/**
 * A queue for each receiving host, so that a slow one holds up what goes to itself and nothing else,
 * however many endpoints (of however many accounts) point there.
 */
export class HostQueues<Item> {
  readonly #hosts = new Map<string, { waiting: Item[]; underWay: number }>();
  /** Where each endpoint points, as far as it was seen. */
  readonly #hostOf = new BoundedMap<EndpointId, string>(knownEndpoints);
  readonly #atOnce: number;
  readonly #longest: number;
  readonly #run: (item: Item) => Promise<void>;
  readonly #onShort: () => void;

  /**
   * @param run never rejects.
   * @param onShort called when a long line has become short.
   * @param limits `atOnce`: runs of one host at a time; `longest`: items that may wait for one host.
   */
  constructor(
    run: (item: Item) => Promise<void>,
    onShort: () => void,
    limits: { atOnce: number; longest: number },
  ) {
    this.#run = run;
    this.#onShort = onShort;
    this.#atOnce = limits.atOnce;
    this.#longest = limits.longest;
  }

  /** @returns false when too many wait for that host: the item is not taken. */
  add(host: string, endpoint: EndpointId, item: Item): boolean {
    this.#hostOf.set(endpoint, host);
    let queue = this.#hosts.get(host);
    if (!queue) {
      queue = { waiting: [], underWay: 0 };
      this.#hosts.set(host, queue);
    }
    if (queue.waiting.length >= this.#longest) return false;
    queue.waiting.push(item);
    this.#pump(host, queue);
    return true;
  }

  /** Endpoints whose host has a long line already: nothing more should be fetched for them. */
  busyEndpoints(): EndpointId[] {
    const busy: EndpointId[] = [];
    if (this.#hosts.size === 0) return busy;
    for (const [endpoint, host] of this.#hostOf.entries()) {
      if ((this.#hosts.get(host)?.waiting.length ?? 0) > this.#atOnce) busy.push(endpoint);
    }
    return busy;
  }

  /** Takes back everything that has not begun. */
  drain(): Item[] {
    return [...this.#hosts.values()].flatMap((queue) => queue.waiting.splice(0));
  }

  #pump(host: string, queue: { waiting: Item[]; underWay: number }): void {
    while (queue.underWay < this.#atOnce && queue.waiting.length > 0) {
      const next = queue.waiting.shift() as Item;
      if (queue.waiting.length === this.#atOnce) this.#onShort();
      queue.underWay += 1;
      void this.#run(next).finally(() => {
        queue.underWay -= 1;
        this.#pump(host, queue);
        if (queue.underWay === 0) this.#hosts.delete(host);
      });
    }
  }
}
