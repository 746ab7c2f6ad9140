import { createHash } from 'node:crypto';
import type { AccountId, MessageId } from '../ids.ts';

/**
 * A message that its client sends in pieces, each acknowledged by itself, until all are there.
 *
 *   gathering ──last piece, accepted──▶ done: a message like any other ──two minutes──▶ forgotten
 *       │                                 └──its key is used anew──▶ forgotten
 *       ├──last piece, refused────▶ `rejected`
 *       └──too old, or its key is used anew──▶ `expired`
 *
 * A gathering on disk has never all of its pieces: the last piece is written down as the message itself, in
 * one transaction with the end of the gathering, or not at all. So at any moment of a crash what was
 * acknowledged is on disk, and a piece that was not can be sent again.
 *
 * What is done is kept for as long as a client may send a piece once more whose answer it has not seen.
 * Without a trace of it, such a piece would begin another message, which the next one under the key would
 * complete with a text of its own.
 */
export interface Gathering {
  accountId: AccountId;
  /** What the pieces of one message have in common, in the words of its way in. */
  key: string;
  /** The message's: answers to its pieces have named it already. */
  id: MessageId;
  total: number;
  /** Those that have come; of one that is done those that have come again since, until all have. */
  pieces: readonly Gathered[];
  createdAt: number;
  /** Null while pieces are missing. */
  doneAt: number | null;
  /** Of all its pieces in their order, by `digestOf`; none while pieces are missing. */
  digests: readonly string[];
}

/** A piece that has come. */
export interface Gathered {
  /** From 1. */
  number: number;
  /** JSON that its way in understands. */
  content: unknown;
}

export type GatheringKey = Pick<Gathering, 'accountId' | 'key'>;

/** A gathering that has become whole. */
export type Finished = GatheringKey & Pick<Gathering, 'id' | 'digests'> & { doneAt: number };

/** Tells a piece that comes again from another one; its text cannot be read out of it. */
export function digestOf({ number, content }: Gathered): string {
  const told = JSON.stringify([number, content]);
  return createHash('sha256').update(told).digest('base64url');
}

/** Of all pieces of a message, in any order. */
export function digestsOf(pieces: readonly Gathered[]): string[] {
  return pieces.toSorted((a, b) => a.number - b.number).map(digestOf);
}
