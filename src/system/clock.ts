import type { Clock } from '../core/ports/clock.ts';

/** Above this, setTimeout fires at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The real time. Delays run on the monotonic clock, so that setting the time does not touch them. */
export function createClock(): Clock {
  return {
    now: () => Date.now(),
    after(delayMs, task) {
      const due = performance.now() + delayMs;
      let timer: NodeJS.Timeout;
      const arm = (remaining: number) => {
        // A fraction of a millisecond would be cut off, and the timer early.
        const wait = Math.min(Math.max(0, Math.ceil(remaining)), longestTimeoutMs);
        timer = setTimeout(fire, wait).unref();
      };
      const fire = () => {
        // Not over yet: the delay was longer than a timer can be, or the timer was a little early.
        const remaining = due - performance.now();
        if (remaining > 0) arm(remaining);
        else task();
      };
      arm(delayMs);
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
