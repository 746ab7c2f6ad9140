import type { AccountId, MessageId } from '../ids.ts';

/**
 * A message that its client sends in pieces, each acknowledged by itself, until all are there.
 *
 *   gathering ──last piece, accepted──▶ a message like any other
 *       ├──last piece, refused────▶ `rejected`
 *       └──too old, or its key is used anew──▶ `expired`
 *
 * A gathering on disk is never whole: the last piece is written down as the message itself, in one
 * transaction with the end of the gathering, or not at all. So at any moment of a crash what was
 * acknowledged is on disk, and a piece that was not can be sent again.
 */
export interface Gathering {
  accountId: AccountId;
  /** What the pieces of one message have in common, in the words of its way in. */
  key: string;
  /** The message's: answers to its pieces have named it already. */
  id: MessageId;
  total: number;
  pieces: readonly Gathered[];
  createdAt: number;
}

/** A piece that has come. */
export interface Gathered {
  /** From 1. */
  number: number;
  /** JSON that its way in understands. */
  content: unknown;
}

export type GatheringKey = Pick<Gathering, 'accountId' | 'key'>;
