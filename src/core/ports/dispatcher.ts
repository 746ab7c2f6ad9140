import type { LinkId, NodeId } from '../ids.ts';
import type { Message } from '../messages/message.ts';

/**
 * How an accepted message reaches the link of this node without being read again: room is reserved
 * before the insert, the insert carries the claim, and after the commit the message is handed over in
 * memory. A node that holds no links reserves nothing; another node claims the rows.
 *
 * Where the link's window has room for them at once, the insert is the hand-over, too: the messages are
 * accepted and `sending` in one write, and their bytes leave after that commit. Elsewhere they wait for
 * the window under a lease.
 */
export interface Dispatcher {
  readonly nodeId: NodeId;
  /**
   * Asks for room for queued messages of a link, which are about to be inserted, and marks them: as
   * claimed, or as handed over. Undefined, and they are as they were, unless the link is this node's, is up,
   * and nothing older waits in storage.
   */
  reserve(linkId: LinkId, messages: readonly Message[]): Reservation | undefined;
  /** After the commit: rows for these links wait in storage. */
  wake(linkIds: Iterable<LinkId>): void;
}

/** Room for messages that are being inserted. It is used or released, once. */
export interface Reservation {
  /** After the commit: these of its messages were inserted. */
  offer(inserted: readonly Message[]): void;
  /** None of them was. */
  release(): void;
}
