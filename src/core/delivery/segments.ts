import { decodeText } from '../../text/alphabets.ts';
import type { ReplyNews, ReplySegment } from '../ports/transport.ts';
import type { DeliveryContext } from './context.ts';
import { applyReplies } from './replies.ts';
import type { SegmentGroup, StoredSegment } from './segment.ts';

/** How long the segments of one reply may lie apart; then what has come is delivered. */
const segmentPatienceMs = 10 * 60_000;
const roundLimit = 200;

/**
 * Records segments of long replies, many in one transaction, in whatever order and however often they
 * come. The last one missing turns them into a reply, in the same transaction.
 *
 *   waiting ──last segment, or the patience is over──▶ joined ──a day later──▶ gone
 *
 * A repetition of a segment is ignored. Another text in its place, or under the reference of a joined reply, is the
 * next reply, since handsets count to 255 and begin again: of the one before is delivered what has come.
 */
export async function recordSegments(
  context: DeliveryContext,
  take: () => readonly ReplySegment[],
): Promise<readonly ReplySegment[]> {
  const { segments, replies } = await context.storage.write(async (tx) => {
    const taken = take();
    const groups = groupsOf(taken);
    const stored = await tx.segments.lock([...groups.values()].map(({ group }) => group));
    const news: ReplyNews[] = [];
    const fresh: StoredSegment[] = [];
    const joined: SegmentGroup[] = [];
    const over: SegmentGroup[] = [];
    [...groups.values()].forEach(({ group, segments: arrived }, at) => {
      const gathered = gather(stored[at] ?? [], arrived);
      news.push(...gathered.replies);
      fresh.push(...gathered.fresh);
      if (gathered.over) over.push(group);
      if (gathered.joined) joined.push(group);
    });
    await tx.segments.remove(over);
    await tx.segments.insert(fresh);
    await tx.segments.join(joined, context.clock.now());
    return { segments: taken, replies: await applyReplies(tx, news, context) };
  });
  replies.committed();
  return segments;
}

/** What becomes of a group when segments of it have arrived. */
interface Gathered {
  replies: ReplyNews[];
  /** What was stored of it belongs to a reply before. */
  over: boolean;
  /** To be stored. */
  fresh: StoredSegment[];
  /** It is whole now. */
  joined: boolean;
}

function gather(stored: readonly StoredSegment[], arrived: readonly ReplySegment[]): Gathered {
  const replies: ReplyNews[] = [];
  let known = [...stored];
  let whole = known.some(({ joinedAt }) => joinedAt !== null);
  let over = false;
  let joined = false;
  let fresh: StoredSegment[] = [];
  for (const one of arrived) {
    if (repeats(one, known)) continue;
    if (whole || known.some(({ number }) => number === one.number)) {
      if (!whole) replies.push(joinedReply(known));
      [known, fresh, over, whole, joined] = [[], [], true, false, false];
    }
    const row = { ...one, joinedAt: null };
    known.push(row);
    fresh.push(row);
    if (known.length < one.total) continue;
    replies.push(joinedReply(known));
    whole = true;
    joined = true;
  }
  return { replies, over, fresh, joined };
}

/** Replies of which segments are still missing: what has come of them is delivered. */
export async function deliverIncomplete(context: DeliveryContext): Promise<number> {
  const { count, replies } = await context.storage.write(async (tx) => {
    const now = context.clock.now();
    const groups = await tx.segments.overdue(now - segmentPatienceMs, roundLimit);
    const stored = await tx.segments.lock(groups);
    const waiting = stored.filter((rows) => rows.length > 0 && rows[0]?.joinedAt === null);
    await tx.segments.join(
      waiting.map((rows) => rows[0] as StoredSegment),
      now,
    );
    return {
      count: waiting.length,
      replies: await applyReplies(tx, waiting.map(joinedReply), context),
    };
  });
  replies.committed();
  return count;
}

function groupsOf(
  segments: readonly ReplySegment[],
): Map<string, { group: SegmentGroup; segments: ReplySegment[] }> {
  const groups = new Map<string, { group: SegmentGroup; segments: ReplySegment[] }>();
  for (const segment of segments) {
    const { linkId, from, to, reference, total } = segment;
    const key = JSON.stringify([linkId, from, to, reference, total]);
    const known = groups.get(key);
    if (known) known.segments.push(segment);
    else groups.set(key, { group: { linkId, from, to, reference, total }, segments: [segment] });
  }
  return groups;
}

function repeats(segment: ReplySegment, known: readonly StoredSegment[]): boolean {
  return known.some(({ number, octets }) => number === segment.number && octets === segment.octets);
}

/** Octets are joined before they are read, as far as neighbours share an alphabet. */
function joinedReply(segments: readonly ReplySegment[]): ReplyNews {
  const inOrder = segments.toSorted((a, b) => a.number - b.number);
  const first = inOrder[0] as ReplySegment;
  let text = '';
  for (let at = 0; at < inOrder.length; ) {
    const { alphabet } = inOrder[at] as ReplySegment;
    const octets: Buffer[] = [];
    for (; inOrder[at]?.alphabet === alphabet; at++) {
      octets.push(Buffer.from((inOrder[at] as ReplySegment).octets, 'base64'));
    }
    text += decodeText(Buffer.concat(octets), alphabet);
  }
  const { linkId, from, to } = first;
  const at = Math.max(...inOrder.map((one) => one.at));
  return { linkId, from, to, text, at, upstreamId: null };
}
