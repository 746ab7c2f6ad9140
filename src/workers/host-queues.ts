import { BoundedMap } from '../core/bounded-map.ts';
import type { EndpointId } from '../core/ids.ts';

const knownEndpoints = 20_000;

interface Queue<Item> {
  waiting: Item[];
  underWay: number;
  /** How many may be under way. */
  atOnce: number;
  /** Older items wait elsewhere, which come first. */
  behind: boolean;
}

/**
 * A queue for each receiving host, so that a slow one holds up what goes to itself and nothing else,
 * however many endpoints (of however many accounts) point there. To a host that answers quickly more and
 * more goes at once, one further for each such answer; any other answer halves that.
 */
export class HostQueues<Item> {
  readonly #hosts = new Map<string, Queue<Item>>();
  /** Where each endpoint points, as far as it was seen. */
  readonly #hostOf = new BoundedMap<EndpointId, string>(knownEndpoints);
  readonly #atOnce: { least: number; most: number };
  readonly #longest: number;
  readonly #run: (item: Item) => Promise<boolean>;
  readonly #onShort: () => void;

  /**
   * @param run says whether the host answered quickly. Never rejects.
   * @param onShort called when a long line has become short.
   * @param limits `atOnce`: runs of one host at a time, for a slow and for a quick one; `longest`: items
   * that may wait for one host.
   */
  constructor(
    run: (item: Item) => Promise<boolean>,
    onShort: () => void,
    limits: { atOnce: { least: number; most: number }; longest: number },
  ) {
    this.#run = run;
    this.#onShort = onShort;
    this.#atOnce = limits.atOnce;
    this.#longest = limits.longest;
  }

  /**
   * Has the line of that host room for a newer item? Once it had none, it has none until all older items
   * are there: see `caughtUp`.
   */
  hasRoom(host: string): boolean {
    const queue = this.#hosts.get(host);
    if (!queue) return true;
    if (queue.waiting.length >= this.#longest) queue.behind = true;
    return !queue.behind;
  }

  /** Takes an item, whether there is room or not. */
  push(host: string, endpoint: EndpointId, item: Item): void {
    this.#hostOf.set(endpoint, host);
    let queue = this.#hosts.get(host);
    if (!queue) {
      queue = { waiting: [], underWay: 0, atOnce: this.#atOnce.least, behind: false };
      this.#hosts.set(host, queue);
    }
    queue.waiting.push(item);
    this.#pump(host, queue);
  }

  /** @returns false when too many wait for that host: the item is not taken. */
  add(host: string, endpoint: EndpointId, item: Item): boolean {
    if ((this.#hosts.get(host)?.waiting.length ?? 0) >= this.#longest) return false;
    this.push(host, endpoint, item);
    return true;
  }

  /** All older items of all hosts are in their lines, but for those of endpoints that were busy. */
  caughtUp(busy: Iterable<EndpointId>): void {
    const left = new Set<string | undefined>();
    for (const endpoint of busy) left.add(this.#hostOf.get(endpoint));
    for (const [host, queue] of this.#hosts) if (!left.has(host)) queue.behind = false;
  }

  /** Endpoints whose host has a long line already: nothing more should be fetched for them. */
  busyEndpoints(): EndpointId[] {
    const busy: EndpointId[] = [];
    if (this.#hosts.size === 0) return busy;
    for (const [endpoint, host] of this.#hostOf.entries()) {
      if ((this.#hosts.get(host)?.waiting.length ?? 0) > this.#atOnce.least) busy.push(endpoint);
    }
    return busy;
  }

  /** Takes back everything that has not begun. */
  drain(): Item[] {
    return [...this.#hosts.values()].flatMap((queue) => queue.waiting.splice(0));
  }

  #pump(host: string, queue: Queue<Item>): void {
    const { least, most } = this.#atOnce;
    while (queue.underWay < queue.atOnce && queue.waiting.length > 0) {
      const next = queue.waiting.shift() as Item;
      if (queue.waiting.length === least) this.#onShort();
      queue.underWay += 1;
      void this.#run(next).then((quick) => {
        queue.underWay -= 1;
        queue.atOnce = quick
          ? Math.min(most, queue.atOnce + 1)
          : Math.max(least, Math.floor(queue.atOnce / 2));
        this.#pump(host, queue);
        if (queue.underWay === 0) this.#hosts.delete(host);
      });
    }
  }
}
