import type { Clock } from '../core/ports/clock.ts';

const pauseMs = 1_000;

/**
 * Writes down what has happened already and cannot be taken back, again and again until storage takes
 * it: what is not written would be done a second time.
 * @param stop no further try after this instant, or once it says so.
 * @throws what the last try threw.
 */
export async function insist(
  write: () => Promise<unknown>,
  stop: { clock: Clock; until: number; now: () => boolean },
): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      if (stop.clock.now() + pauseMs >= stop.until || stop.now()) throw error;
      await new Promise<void>((resolve) => {
        stop.clock.after(pauseMs, resolve);
      });
    }
  }
}
