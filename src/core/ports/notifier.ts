import type { AccountView } from '../accounts/account.ts';
import type { Event } from '../events.ts';
import type { Endpoint, Via } from '../notifications/endpoint.ts';
import type { UnsealedKey } from '../notifications/signing-key.ts';

/** A request that tells an event to a client. */
export interface NotificationRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
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

/** What is true of one try. */
export interface RenderTime {
  now: number;
  /** The endpoint's, unsealed. */
  secret: string | null;
  notificationId: string;
  /** Tries before this one. */
  attempt: number;
  /** With which the account has its notifications signed. */
  signingKey: UnsealedKey | null;
}

/** How one form (a dialect, or Standard Webhooks) tells events. Pure: no I/O, no state. */
export interface NotificationForm {
  readonly name: string;
  /** Is this event told at this endpoint? Asked before a row is written. */
  wants(event: Event, endpoint: Endpoint, view: AccountView): boolean;
  /**
   * Endpoints that an account has as soon as it has a credential of the form's name: where clients ask for
   * what happened, or where each message says itself where it is told.
   */
  readonly standing?: readonly { topic: string; via: Via }[];
  /** Where this event is told, for an endpoint without a URL of its own. */
  urlOf?(event: Event, endpoint: Endpoint): string;
  /** Called for each try anew, so that timestamps and signatures are fresh. */
  render(
    event: Event,
    endpoint: Endpoint,
    view: AccountView,
    at: RenderTime,
  ): NotificationRequest | Promise<NotificationRequest>;
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
