import type { Delay } from './behaviour.ts';

/** What the carrier has still to do. */
export class Timers {
  readonly #random: (below: number) => number;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  get pending(): number {
    return this.#waiting.size;
  }

  /** Runs it after that time; at once, and not in a later turn, when that is 0. */
  after(delay: Delay, run: () => void): void {
    if (this.#closed) return;
    const ms = typeof delay === 'number' ? delay : this.#between(delay);
    if (ms === 0) {
      run();
      return;
    }
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      run();
    }, ms);
    this.#waiting.add(timer);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }

  #between([least, most]: readonly [number, number]): number {
    return least + this.#random(most - least + 1);
  }
}
