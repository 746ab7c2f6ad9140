import { BoundedMap } from '../bounded-map.ts';
import type { Rate } from '../ports/storage.ts';
import { networkOf } from '../network-of.ts';

/** The oldest are forgotten first. */
const mostAddresses = 10_000;

/** So many requests of an address in a window of time, which begins with its first: counted in memory, by each node. */
export class Quota {
  readonly #rate: Rate;
  readonly #windows = new BoundedMap<string, { used: number; until: number }>(mostAddresses);

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** @returns 0, or how many milliseconds the address has to wait. */
  take(address: string, now: number): number {
    const key = networkOf(address);
    const window = this.#windows.get(key);
    if (!window || now >= window.until) {
      this.#windows.set(key, { used: 1, until: now + this.#rate.windowMs });
      return 0;
    }
    if (window.used >= this.#rate.most) return window.until - now;
    window.used += 1;
    return 0;
  }
}
