/**
 * Lets few tasks be under way at once; the others wait in their order. Who waited goes in another turn of
 * the loop: tasks that need none (SQLite reads) would otherwise follow one another as if they were one.
 */
export class Turnstile {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(places: number) {
    this.#free = places;
  }

  /** Gives what the task gives, or throws what it throws. */
  async pass<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) setImmediate(next);
      else this.#free += 1;
    }
  }
}
