import type { Clock } from '../core/ports/clock.ts';
import type { ServerLog } from './server-log.ts';

const quietMs = 1_000;

/**
 * What strangers and clients are refused: one line at once, then at most one a second with how many there were,
 * for who is refused once a millisecond would otherwise write the disk full.
 *
 *   idle ──refused: a line──▶ quiet for 1 s ──nothing more came──▶ idle
 *                                 ▲  │ more came: a line with their number
 *                                 └──┘
 */
export class RefusalLog {
  readonly #log: ServerLog;
  readonly #clock: Clock;
  readonly #what: string;
  #quiet = false;
  #unlogged = 0;
  #last: Record<string, unknown> = {};

  /** @param what the words of its lines. */
  constructor(log: ServerLog, clock: Clock, what: string) {
    this.#log = log;
    this.#clock = clock;
    this.#what = what;
  }

  add(facts: Record<string, unknown>): void {
    if (this.#quiet) {
      this.#unlogged += 1;
      this.#last = facts;
      return;
    }
    this.#log.warn(facts, this.#what);
    this.#rest();
  }

  #rest(): void {
    this.#quiet = true;
    this.#clock.after(quietMs, () => {
      this.#quiet = false;
      if (this.#unlogged === 0) return;
      const more = this.#unlogged;
      this.#unlogged = 0;
      this.#log.warn({ ...this.#last, more }, `${this.#what}; so many more, the last so`);
      this.#rest();
    });
  }
}
