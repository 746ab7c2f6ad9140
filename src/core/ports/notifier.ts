import type { AccountView } from '../accounts/account.ts';
import type { Event } from '../events.ts';
import type { Endpoint } from '../notifications/endpoint.ts';

/** A request that tells an event to a client. */
export interface NotificationRequest {
  method: 'POST' | 'GET' | 'PUT';
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** When a try counts as heard, and what follows when it does not. */
export interface DeliveryPolicy {
  succeeded(status: number): boolean;
  timeoutMs: number;
  /** The wait before each further try: five entries mean five retries, six tries in all. */
  retryDelaysMs: readonly number[];
}

/** How one form (a dialect, or Standard Webhooks) tells events. Pure: no I/O, no state. */
export interface NotificationForm {
  readonly name: string;
  /** Is this event told at this endpoint? Asked before a row is written. */
  wants(event: Event, endpoint: Endpoint, view: AccountView): boolean;
  /** Called for each try anew, so that timestamps and signatures are fresh. `secret` is unsealed. */
  render(
    event: Event,
    endpoint: Endpoint,
    view: AccountView,
    at: { now: number; secret: string | null; notificationId: string },
  ): NotificationRequest;
  policy(endpoint: Endpoint, view: AccountView): DeliveryPolicy;
}

/**
 * How a form tells events over connections that its clients open themselves, instead of by requests:
 * what must be told waits until one is there. Pure.
 */
export interface SessionForm {
  readonly name: string;
  /**
   * What this event becomes at this endpoint: nothing, itself, or several, each of which is told and
   * answered for itself. Asked before rows are written.
   */
  tellings(event: Event, endpoint: Endpoint, view: AccountView): readonly Event[];
}
