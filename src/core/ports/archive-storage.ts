import type { ArchiveFile, ArchivedKind, ArchiveSearch } from '../archive/archive-file.ts';
import type { Reply } from '../delivery/reply.ts';
import type { ArchiveFileId, MessageId, NodeId, ReplyId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';

/** What is kept of the archive, and what goes there: parts of `Reads` and `Tx`. */

/** A stretch of what may be archived: ended, or received, before `cut`, with ids between two. */
export interface ArchiveStretch {
  cut: number;
  /** Not included; empty: from the first. */
  after: string;
  /** Not included. */
  before: string;
  limit: number;
}

export interface ArchiveReads {
  /** Files that are kept and may hold what is searched, the oldest day first. */
  files(search: ArchiveSearch, page: { limit: number; offset: number }): Promise<ArchiveFile[]>;
  findFile(id: ArchiveFileId): Promise<ArchiveFile | undefined>;
  /** Is there one that is not kept yet? */
  isUnfinished(): Promise<boolean>;
  /** The oldest that ended, or was received, before an instant. */
  firstDue(kind: ArchivedKind, cut: number): Promise<string | undefined>;
  /** In the order of their ids, with their parts. */
  messages(stretch: ArchiveStretch): Promise<{ message: Message; parts: Part[] }[]>;
  replies(stretch: ArchiveStretch): Promise<Reply[]>;
}

export interface ArchiveTx {
  /**
   * Takes the file that is not kept yet under a lease, whoever began it, once nobody else holds it. `busy`: another
   * node does. Undefined: there is none.
   */
  claim(lease: {
    nodeId: NodeId;
    now: number;
    until: number;
  }): Promise<ArchiveFile | 'busy' | undefined>;
  /** Writes a new one down, unless there is one that is not kept yet. */
  begin(file: ArchiveFile): Promise<boolean>;
  /** Takes one that is kept in hand again, as it is given, unless there is one that is not kept. */
  reopen(file: ArchiveFile): Promise<boolean>;
  /** Writes what changes of a file, as long as this node holds it under the very lease that ends at `held`. */
  save(file: ArchiveFile, held: { by: NodeId; until: number }): Promise<boolean>;
  /** The same, of its lease alone. */
  hand(
    id: ArchiveFileId,
    held: { by: NodeId; until: number },
    to: { by: NodeId | null; until: number },
  ): Promise<boolean>;
  /** The same, for one that is not to be. */
  forget(id: ArchiveFileId, held: { by: NodeId; until: number }): Promise<boolean>;
  /** The rows as they are, which nobody else changes until the commit. */
  lockReplies(ids: readonly ReplyId[]): Promise<Reply[]>;
  /** Deletes messages with all that belongs to them, or replies. */
  removeMessages(ids: readonly MessageId[]): Promise<void>;
  removeReplies(ids: readonly ReplyId[]): Promise<void>;
}
