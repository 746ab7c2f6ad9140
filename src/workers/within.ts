import type { Clock, Timer } from '../core/ports/clock.ts';

/** Resolves with the work, or without it when it takes longer. What it throws passes through. */
export async function within(clock: Clock, patienceMs: number, work: Promise<unknown>) {
  let patience: Timer | undefined;
  const over = new Promise<void>((resolve) => {
    patience = clock.after(patienceMs, resolve);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    patience?.cancel();
  }
}
