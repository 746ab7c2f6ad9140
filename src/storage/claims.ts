import type { EndpointId, LinkId, NodeId } from '../core/ids.ts';

/** A lease: until `leaseUntil` the rows are this node's, unless it gives them back or is reclaimed. */
interface Lease {
  nodeId: NodeId;
  now: number;
  leaseUntil: number;
  limit: number;
}

export interface MessageClaim extends Lease {
  linkId: LinkId;
}

export interface NotificationClaim extends Lease {
  /** Endpoints that are busy. */
  except: readonly EndpointId[];
}

/** Of what is told over sessions, so much of each of these endpoints and nothing of others. */
export interface SessionClaim extends Omit<Lease, 'limit'> {
  wishes: readonly { endpointId: EndpointId; limit: number }[];
}
