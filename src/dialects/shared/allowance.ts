import { BoundedMap } from '../../core/bounded-map.ts';

/**
 * So many a window for each key, counted in memory: for what costs money or mail and is asked for by
 * strangers. The number of keys is bounded; the oldest is forgotten first.
 */
export class Allowance {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #windows: BoundedMap<string, { count: number; until: number }>;

  constructor(limits: { most: number; windowMs: number; keys: number }) {
    this.#most = limits.most;
    this.#windowMs = limits.windowMs;
    this.#windows = new BoundedMap(limits.keys);
  }

  /** Takes one. @returns 0, or how long to wait when none is left. */
  take(key: string, now: number): number {
    const window = this.#windows.get(key);
    if (!window || now >= window.until) {
      this.#windows.set(key, { count: 1, until: now + this.#windowMs });
      return 0;
    }
    if (window.count >= this.#most) return window.until - now;
    window.count += 1;
    return 0;
  }
}
