import type { Event } from '../events.ts';
import type { Via } from './endpoint.ts';
import type { AccountId, EndpointId, NodeId, NotificationId } from '../ids.ts';

/**
 * An event on its way to one endpoint: a row of the outbox, inserted in the transaction of the fact
 * it tells.
 *
 *   pending ──▶ delivered | failed (its tries are used up, or the endpoint is gone)
 *
 * One that is polled is shown as long as it is pending, and delivered when its client confirms it.
 */
export interface Notification {
  id: NotificationId;
  accountId: AccountId;
  endpointId: EndpointId;
  /** As its endpoint's. */
  via: Via;
  event: Event;
  status: 'pending' | 'delivered' | 'failed';
  /** Tries made. */
  attempts: number;
  /** When the next try may begin; while it is claimed, the end of the claim. */
  dueAt: number;
  lockedBy: NodeId | null;
  createdAt: number;
  doneAt: number | null;
}

/** What came of one try; all are kept, so that an owner sees what his receiver said. */
export interface NotificationAttempt {
  notificationId: NotificationId;
  /** From 1. */
  number: number;
  at: number;
  durationMs: number;
  /** HTTP status, or null when there was no answer. */
  status: number | null;
  /** Why there was no answer, or the first characters of an unhappy one. */
  detail: string | null;
}
