import type { Clock, Timer } from '../core/ports/clock.ts';
import { Troubles } from './troubles.ts';
import type { Worker, WorkerLog } from './worker.ts';

/**
 * Runs a task again and again with a pause between two runs, never twice at once. After a run that fails
 * the next one comes at its time: what a sweep did not do now it does then. The log has the first of
 * those that fail, and when it works again.
 */
export function every(
  pauseMs: number,
  task: () => Promise<void>,
  { clock, log, name }: { clock: Clock; log: WorkerLog; name: string },
): Worker {
  let timer: Timer | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  const troubles = new Troubles(
    { fails: 'a round of a worker failed; it is tried again', task: name },
    { worker: name },
    { clock, log },
  );

  const run = async (): Promise<void> => {
    try {
      await task();
      troubles.worked();
    } catch (error) {
      troubles.failed(error);
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
