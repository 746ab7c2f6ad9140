import type { NodeId } from '../ids.ts';
import type { Endpoint } from '../notifications/endpoint.ts';
import type { Notification } from '../notifications/notification.ts';

/** A notification that was inserted under a lease of this node, and where it goes. */
export interface Parcel {
  notification: Notification;
  endpoint: Endpoint;
  url: string;
}

/**
 * Who delivers notifications on this node. A notification made here reaches it without being read again: it
 * is inserted with a lease, and after the commit handed over in memory.
 */
export interface Courier {
  readonly nodeId: NodeId;
  /** How long a lease must be, in milliseconds. */
  readonly leaseMs: number;
  /**
   * May a notification to this URL be handed over? Not while older ones wait for its host in storage, or
   * too many in memory; what one transaction makes may go a little beyond that.
   */
  takes(url: string): boolean;
  /** After the commit: these were inserted under its lease. */
  offer(parcels: readonly Parcel[]): void;
  /** After the commit: others wait in storage. */
  wake(): void;
}
