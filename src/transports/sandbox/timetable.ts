import type { Clock, Timer } from '../../core/ports/clock.ts';

interface Bucket {
  tasks: (() => void)[];
  timer: Timer;
}

/**
 * Tasks for later, with one timer for all that are due in the same millisecond: under load a timer a
 * message would cost more than the rest of the sandbox.
 */
export class Timetable {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #size = 0;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many tasks are still to run. */
  get size(): number {
    return this.#size;
  }

  /** Runs `task` after the delay, and never within this turn. False when the table is closed. */
  add(delayMs: number, task: () => void): boolean {
    if (this.#closed) return false;
    this.#size++;
    const due = this.#clock.now() + delayMs;
    const bucket = this.#buckets.get(due);
    if (bucket) {
      bucket.tasks.push(task);
      return true;
    }
    const timer = this.#clock.after(delayMs, () => this.#run(due));
    this.#buckets.set(due, { tasks: [task], timer });
    return true;
  }

  /** Forgets what has not run and takes nothing more; gives how many tasks that were. */
  close(): number {
    this.#closed = true;
    for (const { timer } of this.#buckets.values()) timer.cancel();
    this.#buckets.clear();
    const forgotten = this.#size;
    this.#size = 0;
    return forgotten;
  }

  #run(due: number): void {
    const bucket = this.#buckets.get(due);
    if (!bucket) return;
    // First, so that a task of the same instant that is added meanwhile gets a timer of its own.
    this.#buckets.delete(due);
    for (const task of bucket.tasks) {
      if (this.#closed) return;
      this.#size--;
      task();
    }
  }
}
