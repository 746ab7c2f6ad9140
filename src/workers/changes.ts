import type { Clock } from '../core/ports/clock.ts';

/** Lets others wait for a condition, which is looked at whenever something has changed. */
export class Changes {
  readonly #clock: Clock;
  readonly #watchers = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  happened(): void {
    for (const watch of this.#watchers) watch();
  }

  /** @returns whether it came true within `patienceMs`. */
  until(condition: () => boolean, patienceMs: number): Promise<boolean> {
    if (condition()) return Promise.resolve(true);
    return new Promise((resolve) => {
      const end = (came: boolean) => {
        patience.cancel();
        this.#watchers.delete(watch);
        resolve(came);
      };
      const watch = () => {
        if (condition()) end(true);
      };
      const patience = this.#clock.after(patienceMs, () => end(false));
      this.#watchers.add(watch);
    });
  }
}
