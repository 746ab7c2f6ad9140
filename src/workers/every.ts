import type { Clock, Timer } from '../core/ports/clock.ts';
import type { Worker, WorkerLog } from './worker.ts';

/**
 * Runs a task again and again with a pause between two runs, never twice at once. A run that fails is
 * logged and the next one comes at its time: what a sweep did not do now it does then.
 */
export function every(
  pauseMs: number,
  task: () => Promise<void>,
  { clock, log, name }: { clock: Clock; log: WorkerLog; name: string },
): Worker {
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;

  const run = async (): Promise<void> => {
    try {
      await task();
    } catch (error) {
      log.warn({ err: error, worker: name }, 'a round of a worker failed; it is tried again');
    }
    running = undefined;
    plan();
  };
  const plan = (): void => {
    if (stopped) return;
    timer = clock.after(pauseMs, () => {
      running = run();
    });
  };

  return {
    start: plan,
    stop: async () => {
      stopped = true;
      timer?.cancel();
      await running;
    },
  };
}
