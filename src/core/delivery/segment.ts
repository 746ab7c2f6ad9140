import type { ReplySegment } from '../ports/transport.ts';

/** What the segments of one reply have in common. */
export type SegmentGroup = Pick<ReplySegment, 'linkId' | 'from' | 'to' | 'reference' | 'total'>;

/** A segment as it is stored. */
export interface StoredSegment extends ReplySegment {
  /** When its reply was delivered: from then on it is kept to know repetitions by. Null before. */
  joinedAt: number | null;
}
