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
  /** Where each endpoint points, as far as it was seen: most to one host, some to another with each event. */
  readonly #hostsOf = new BoundedMap<EndpointId, Set<string>>(knownEndpoints);
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
    this.#points(endpoint, host);
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
    const left = new Set<string>();
    for (const endpoint of busy) {
      for (const host of this.#hostsOf.get(endpoint) ?? []) left.add(host);
    }
    for (const [host, queue] of this.#hosts) if (!left.has(host)) queue.behind = false;
  }

  /**
   * Endpoints of which a host has a long line already: nothing more should be fetched for them, for it might
   * be for that host, find no room, and be fetched again at once.
   */
  busyEndpoints(): EndpointId[] {
    const busy: EndpointId[] = [];
    const long = [...this.#hosts]
      .filter(([, { waiting }]) => waiting.length > this.#atOnce.least)
      .map(([host]) => host);
    if (long.length === 0) return busy;
    for (const [endpoint, hosts] of this.#hostsOf.entries()) {
      if (long.some((host) => hosts.has(host))) busy.push(endpoint);
    }
    return busy;
  }

  /** Takes back everything that has not begun. */
  drain(): Item[] {
    return [...this.#hosts.values()].flatMap((queue) => queue.waiting.splice(0));
  }

  #points(endpoint: EndpointId, host: string): void {
    const hosts = this.#hostsOf.get(endpoint);
    if (hosts === undefined) {
      this.#hostsOf.set(endpoint, new Set([host]));
      return;
    }
    if (hosts.has(host)) return;
    // What has no line is not asked for.
    for (const one of hosts) if (!this.#hosts.has(one)) hosts.delete(one);
    hosts.add(host);
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
