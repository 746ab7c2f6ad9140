import type { Reply } from '../delivery/reply.ts';
import type { AccountId, ArchiveFileId, NodeId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';

/** What is archived: each kind has files of its own. */
export const archivedKinds = ['messages', 'replies'] as const;
export type ArchivedKind = (typeof archivedKinds)[number];

/**
 * What becomes of a file. Rows leave the tables only while it is `written`, and exactly those that are in it when it
 * is `kept`:
 *
 *   writing ──whole and synced──▶ written ──its rows are gone──▶ kept
 *      └──the node died: the file is removed, and its record──▶ (none)
 *
 * - `writing`: its rows are all in the tables, and nobody reads it.
 * - `written`: it can be read back; its rows go, and what has changed since goes out of the file instead.
 * - `kept`: what it holds is nowhere else.
 */
export type ArchiveFileState = 'writing' | 'written' | 'kept';

/** A file of the archive: the messages, or the replies, of a day, as lines of JSON, compressed. */
export interface ArchiveFile {
  id: ArchiveFileId;
  kind: ArchivedKind;
  /** Whole days since the epoch, UTC: the one on which what it holds was accepted or written down. */
  day: number;
  /** In its store. */
  name: string;
  /** Which kind of store that is: `disk`, `s3`. */
  place: string;
  state: ArchiveFileState;
  rows: number;
  /** Compressed. */
  bytes: number;
  /** Ids in it, both included; they are UUIDs of version 7. Null while it is empty. */
  firstId: string | null;
  lastId: string | null;
  /** How many rows of each account; replies that no account owns stand under an empty text. */
  accounts: Readonly<Record<string, number>>;
  createdAt: number;
  /** Who works on it, until when. */
  lockedBy: NodeId | null;
  dueAt: number;
}

/** What there is of a message: what its queue and its phone needed is left out, and what its parts say. */
export type ArchivedMessage = Omit<
  Message,
  'secret' | 'lockedBy' | 'dueAt' | 'priority' | 'upstreamId'
>;

/** One line of a file. */
export type ArchivedRecord =
  | { kind: 'messages'; message: ArchivedMessage; parts: readonly Part[] }
  | { kind: 'replies'; reply: Reply };

/** A search of the archive; all of it must be so. */
export interface ArchiveSearch {
  kind?: ArchivedKind | undefined;
  accountId?: AccountId | undefined;
  /** Days as in `ArchiveFile`: from one to before another. */
  fromDay?: number | undefined;
  beforeDay?: number | undefined;
  /** Of a message or reply. */
  id?: string | undefined;
  /** Of the handset. It does not tell files apart. */
  number?: string | undefined;
}

export const DAY_MS = 86_400_000;

/** `2026-08-12` */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
