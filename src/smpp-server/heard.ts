import type { Finished } from '../core/notifications/deliver.ts';
import type { Notification } from '../core/notifications/notification.ts';
import { statuses, statusName } from '../smpp/codec/statuses.ts';

/** How telling a client over a session went. */
export type Hearing =
  /** Its deliver_sm_resp. */
  | { kind: 'answered'; status: number }
  /** None came in time, or the connection ended first: the client may have heard it. */
  | { kind: 'lost'; why: 'silent' | 'closed' }
  /** It cannot be written, or there is nothing to tell any more. */
  | { kind: 'void'; detail: string };

/** Waits before it is told again, by the number of tries; the last one again and again. */
const retryDelaysMs = [1_000, 5_000, 30_000, 120_000, 600_000, 1_800_000] as const;

/** A client that refuses for good: trying again is against the specification (SMPP 3.4, table 5-2). */
const final: ReadonlySet<number> = new Set([statuses.ESME_RX_P_APPN, statuses.ESME_RX_R_APPN]);

/**
 * What a try makes of its notification.
 *
 *   pending ──answered ESME_ROK─────────────────────────────▶ delivered
 *      ├──answered ESME_RX_P_APPN or ESME_RX_R_APPN, or void─▶ failed
 *      ├──another error, silent──▶ pending, due after a wait that grows ──too old──▶ failed
 *      └──connection lost──▶ pending, due now: another session may be there
 */
export function afterHearing(
  claimed: Notification,
  hearing: Hearing,
  at: { now: number; durationMs: number; keepMs: number },
): Finished {
  const { now, durationMs, keepMs } = at;
  const attempts = claimed.attempts + 1;
  const heard = hearing.kind === 'answered' && hearing.status === statuses.ESME_ROK;
  const delay = Math.min(claimed.attempts, retryDelaysMs.length - 1);
  const closed = hearing.kind === 'lost' && hearing.why === 'closed';
  const dueAt = closed ? now : now + (retryDelaysMs[delay] as number);
  const again = !heard && !isFinal(hearing) && dueAt < claimed.createdAt + keepMs;
  return {
    claimed: { lockedBy: claimed.lockedBy, dueAt: claimed.dueAt },
    notification: {
      ...claimed,
      attempts,
      status: heard ? 'delivered' : again ? 'pending' : 'failed',
      dueAt: again ? dueAt : now,
      lockedBy: null,
      doneAt: again ? null : now,
    },
    attempt: {
      notificationId: claimed.id,
      number: attempts,
      at: now - durationMs,
      durationMs,
      status: hearing.kind === 'answered' ? hearing.status : null,
      detail: detailOf(hearing),
    },
  };
}

function isFinal(hearing: Hearing): boolean {
  return hearing.kind === 'void' || (hearing.kind === 'answered' && final.has(hearing.status));
}

function detailOf(hearing: Hearing): string | null {
  switch (hearing.kind) {
    case 'answered':
      return hearing.status === statuses.ESME_ROK ? null : statusName(hearing.status);
    case 'lost':
      return hearing.why === 'silent'
        ? 'The client did not answer.'
        : 'The connection ended before the client had answered.';
    case 'void':
      return hearing.detail;
  }
}
