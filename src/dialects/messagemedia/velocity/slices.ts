/**
 * Work that is asked for many times at once, done for a slice of time in each turn of the event loop: what else
 * this thread serves waits for one slice, and not for all of it.
 */
export class Slices {
  readonly #sliceMs: number;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];

  /** @param now in milliseconds. */
  constructor(sliceMs: number, now: () => number = () => performance.now()) {
    this.#sliceMs = sliceMs;
    this.#now = now;
  }

  /** Resolves or rejects with what `work` returns or throws, some turns later; in the order of the calls. */
  run<Result>(work: () => Result): Promise<Result> {
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#waiting.push(() => resolve(Promise.try(work)));
    if (this.#waiting.length === 1) setImmediate(() => this.#turn());
    return promise;
  }

  #turn(): void {
    const until = this.#now() + this.#sliceMs;
    let done = 0;
    do this.#waiting[done++]?.();
    while (done < this.#waiting.length && this.#now() < until);
    this.#waiting.splice(0, done);
    if (this.#waiting.length > 0) setImmediate(() => this.#turn());
  }
}
