import type { ShortLinks } from '../core/links/short-links.ts';
import type { Clock } from '../core/ports/clock.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

/** As much is lost when the process dies. */
const pauseMs = 1_000;

/** Writes down who followed short links, each second and at the end. */
export function visitWorker(
  shortLinks: Pick<ShortLinks, 'writeVisits'>,
  { clock, log }: { clock: Clock; log: WorkerLog },
): Worker {
  const worker = every(pauseMs, () => shortLinks.writeVisits(), { clock, log, name: 'visits' });
  return {
    start: () => worker.start(),
    stop: async () => {
      await worker.stop();
      await shortLinks.writeVisits();
    },
  };
}
