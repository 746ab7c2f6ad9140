import type { PostOffice } from '../core/mail/post-office.ts';
import type { NodeId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import type { Mailer } from '../core/ports/mailer.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const pauseMs = 1_000;

/** Sends what waits in the outbox of mail, each second. What fails is tried again; what is given up is a warning. */
export function mailWorker(
  post: Pick<PostOffice, 'deliver'>,
  mailer: Mailer,
  { nodeId, clock, log }: { nodeId: NodeId; clock: Clock; log: WorkerLog },
): Worker {
  return every(
    pauseMs,
    async () => {
      const { failed } = await post.deliver(mailer, nodeId);
      for (const { id, kind, attempts, error } of failed) {
        log.warn({ mail: id, kind, attempts, error }, 'a mail could not be delivered');
      }
    },
    { clock, log, name: 'mail' },
  );
}
