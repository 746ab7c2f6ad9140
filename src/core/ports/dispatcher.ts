import type { LinkId, NodeId } from '../ids.ts';
import type { Message } from '../messages/message.ts';

/**
 * How an accepted message reaches the link of this node without being read again: room is reserved
 * before the insert, the insert carries the lease, and after the commit the message is handed over in
 * memory. A node that holds no links reserves nothing; another node claims the rows.
 */
export interface Dispatcher {
  readonly nodeId: NodeId;
  /**
   * Asks for room for `count` messages on a link. True only when the link is this node's, is up, and
   * nothing older waits in storage; then `offer` or `release` must follow.
   */
  reserve(linkId: LinkId, count: number): boolean;
  release(linkId: LinkId, count: number): void;
  /** After the commit: these rows were inserted under this node's lease. */
  offer(linkId: LinkId, messages: Message[]): void;
  /** After the commit: rows for these links wait in storage. */
  wake(linkIds: Iterable<LinkId>): void;
}
