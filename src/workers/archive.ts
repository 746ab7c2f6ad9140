import type { Archiver } from '../core/archive/archiver.ts';
import type { Clock } from '../core/ports/clock.ts';
import { every } from './every.ts';
import type { RetentionTimes } from './sweep.ts';
import type { Worker, WorkerLog } from './worker.ts';

const pauseMs = 60_000;

/** Archives what has been kept long enough, file by file, and then waits for what is to come. */
export function archiveWorker(
  archiver: Pick<Archiver, 'round' | 'stop'>,
  keepMs: Pick<RetentionTimes, 'messages' | 'replies'>,
  { clock, log }: { clock: Clock; log: WorkerLog },
): Worker {
  const worker = every(
    pauseMs,
    async () => {
      const now = clock.now();
      const cuts = { messages: now - keepMs.messages, replies: now - keepMs.replies };
      while (await archiver.round(cuts));
    },
    { clock, log, name: 'archive' },
  );
  return {
    start: () => worker.start(),
    stop: () => {
      archiver.stop();
      return worker.stop();
    },
  };
}
