import { BoundedMap } from '../bounded-map.ts';
import { networkOf } from '../network-of.ts';

const windowMs = 60_000;
/** Behind one address of a mobile network there are thousands of handsets, and one campaign reaches them all. */
const mostInWindow = 600;
/** A code that there is not weighs as much: who follows a link asks for none, who guesses for little else. */
const weightOfMiss = 20;
/** The oldest are forgotten first. */
const mostAddresses = 10_000;

/** So many requests of short links a minute for each address, counted in memory. */
export class Pace {
  readonly #windows = new BoundedMap<string, { used: number; until: number }>(mostAddresses);

  /**
   * A request, which weighs as much as a miss until `hit` says that it was none: of many at once, too, no more
   * are let through.
   * @returns 0, or how many milliseconds the address has to wait.
   */
  take(address: string, now: number): number {
    const key = networkOf(address);
    const window = this.#windows.get(key);
    if (!window || now >= window.until) {
      this.#windows.set(key, { used: weightOfMiss, until: now + windowMs });
      return 0;
    }
    if (window.used + weightOfMiss > mostInWindow) return window.until - now;
    window.used += weightOfMiss;
    return 0;
  }

  /** What was asked for is there. */
  hit(address: string): void {
    const window = this.#windows.get(networkOf(address));
    if (window) window.used -= Math.min(window.used, weightOfMiss - 1);
  }
}
