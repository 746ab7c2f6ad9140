import type { DeviceBook } from '../core/devices/device-book.ts';
import type { Clock } from '../core/ports/clock.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const pauseMs = 5_000;

/** Writes down when phones were heard of, and at the end what is left of that. */
export function sightingWorker(
  devices: Pick<DeviceBook, 'writeSightings'>,
  { clock, log }: { clock: Clock; log: WorkerLog },
): Worker {
  const rounds = every(pauseMs, () => devices.writeSightings(), { clock, log, name: 'phones' });
  return {
    start: () => rounds.start(),
    async stop() {
      await rounds.stop();
      try {
        await devices.writeSightings();
      } catch (error) {
        log.warn({ err: error }, 'when phones were last heard of could not be written down');
      }
    },
  };
}
