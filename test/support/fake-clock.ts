import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timer } from '../../src/core/ports/clock.ts';
import { storagesAtRest } from './under-way.ts';

interface Entry {
  at: number;
  /** Cleared when it is cancelled or has run. */
  task: (() => void) | undefined;
}

/** What a chain of promises and `setImmediate`s (a group commit, say) may take to come to rest. */
const turnsToSettle = 5;
/** So many tasks at one instant are a timer that sets itself again without a delay. */
const tasksAtOneInstant = 100_000;

/**
 * A clock that stands still until a test moves it.
 *
 *   const clock = new FakeClock();
 *   const sent = link.send(part);
 *   await clock.advance(5_000); // what was due within 5 s has run, in order of time
 */
export class FakeClock implements Clock {
  #now: number;
  /** In order of time, those of one instant in the order they were set. */
  readonly #entries: Entry[] = [];
  #pending = 0;
  #advancing = false;

  constructor(start: number | string = '2026-03-01T00:00:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
    if (!Number.isFinite(this.#now)) throw new RangeError(`no instant: ${start}`);
  }

  now(): number {
    return this.#now;
  }

  after(delayMs: number, task: () => void): Timer {
    if (Number.isNaN(delayMs)) throw new RangeError('a timer needs a delay');
    const entry: Entry = { at: this.#now + Math.max(0, delayMs), task };
    this.#entries.splice(this.#placeFor(entry.at), 0, entry);
    this.#pending++;
    return {
      cancel: () => {
        if (entry.task) this.#pending--;
        entry.task = undefined;
      },
    };
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Moves the time on by `ms` and runs what falls due on the way, also what that sets anew, in order
   * of time; before, between and after, promises and `setImmediate`s come to rest. Rejects with what
   * a task throws; the time stands then at that task's instant.
   */
  async advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError('time goes forward only');
    if (this.#advancing) throw new Error('the clock is being moved already: await that first');
    this.#advancing = true;
    try {
      const end = this.#now + ms;
      await this.settle();
      let ran = 0;
      for (let next = this.#takeDue(end); next; next = this.#takeDue(end)) {
        ran = next.at > this.#now ? 0 : ran + 1;
        if (ran > tasksAtOneInstant) throw new Error('a timer sets itself again without a delay');
        this.#now = Math.max(this.#now, next.at);
        next.task();
        await this.settle();
      }
      this.#now = end;
    } finally {
      this.#advancing = false;
    }
  }

  /**
   * Moves the time on at once, as for a machine that was asleep: what fell due meanwhile runs now, late. An hour
   * costs a test nothing then, where `advance` runs everything that looks around once a second.
   */
  async skip(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError('time goes forward only');
    this.#now += ms;
    await this.advance(0);
  }

  /** Lets promises, `setImmediate`s and what was asked of storages come to rest; the time stays. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < turnsToSettle; turn++) {
      await nextTurn();
      if (await storagesAtRest()) turn = 0;
    }
  }

  #takeDue(end: number): { at: number; task: () => void } | undefined {
    for (let first = this.#entries[0]; first && first.at <= end; first = this.#entries[0]) {
      this.#entries.shift();
      const { at, task } = first;
      first.task = undefined;
      if (!task) continue;
      this.#pending--;
      return { at, task };
    }
    return undefined;
  }

  /** Behind all that are due no later. */
  #placeFor(at: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle] as Entry).at <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
