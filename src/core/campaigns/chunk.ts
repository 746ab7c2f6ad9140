import type { CampaignId, NodeId } from '../ids.ts';
import type { MessageError } from '../errors.ts';
import { millicredits } from '../money.ts';
import type { Message } from '../messages/message.ts';
import type { Campaign, CampaignError } from './campaign.ts';

/** Rows of a campaign that are submitted together: theirs is the transaction that moves the campaign past them. */
export interface CampaignChunk {
  id: CampaignId;
  /** The node that holds it, and until when it holds it from now on. */
  nodeId: NodeId;
  leaseUntil: number;
  /** Where the campaign is: one whose cursor is elsewhere has been moved past these rows by somebody else. */
  from: number;
  /** Of each message, in order: its line in the file, and what stands there for a number. */
  rows: readonly { line: number; to: string }[];
  /** Which page is not needed any more when they are submitted: all of its rows were. */
  finishes: number | null;
}

/** What became of a chunk, as its transaction knows it. */
export interface ChunkResult {
  /** Those that were taken in and not refused. */
  sent: readonly Pick<Message, 'parts' | 'price'>[];
  /** By their place in the chunk. */
  refused: readonly { at: number; error: MessageError }[];
}

/** Is this the campaign's next chunk, and is it this node's to submit? */
export function isNext(campaign: Campaign | undefined, chunk: CampaignChunk): campaign is Campaign {
  return (
    campaign?.state === 'running' &&
    campaign.cursor === chunk.from &&
    campaign.lockedBy === chunk.nodeId
  );
}

/**
 * A campaign past a chunk. After the last row it is done; after the last one of a batch it waits for the next batch,
 * which begins so long after this one began.
 */
export function advance(
  campaign: Campaign,
  chunk: CampaignChunk,
  { sent, refused }: ChunkResult,
  now: number,
): { campaign: Campaign; errors: CampaignError[] } {
  const cursor = chunk.from + chunk.rows.length;
  let parts = campaign.parts;
  let price: number = campaign.price;
  for (const message of sent) {
    parts += message.parts;
    price += message.price;
  }
  const moved: Campaign = {
    ...campaign,
    cursor,
    sent: campaign.sent + sent.length,
    refused: campaign.refused + refused.length,
    parts,
    price: millicredits(price),
    dueAt: chunk.leaseUntil,
    changedAt: now,
  };
  const errors = refused.map(({ at, error }): CampaignError => {
    const row = chunk.rows[at];
    if (!row) throw new Error(`the chunk has no row ${at}`);
    return {
      campaignId: campaign.id,
      line: row.line,
      code: error.code,
      detail: error.detail,
      number: row.to.slice(0, 40).toWellFormed().replaceAll('\0', '\ufffd'),
    };
  });
  if (cursor >= campaign.stored) {
    return {
      campaign: { ...moved, state: 'done', lockedBy: null, dueAt: now, doneAt: now },
      errors,
    };
  }
  if (roomInBatch(moved) <= 0) {
    return { campaign: { ...moved, lockedBy: null, dueAt: nextRowAt(moved, now) }, errors };
  }
  return { campaign: moved, errors };
}

/** How many rows may follow in the batch that is under way. */
export function roomInBatch({ batchSize, batchFrom, cursor }: Campaign): number {
  return batchSize === null ? Number.POSITIVE_INFINITY : batchFrom + batchSize - cursor;
}

/** When its next row may be submitted: now, or where its batch is used up, when the next one begins. */
export function nextRowAt(campaign: Campaign, now: number): number {
  return roomInBatch(campaign) > 0 ? now : Math.max(now, nextBatchAt(campaign) ?? now);
}

/** When the batch after the one that is under way may begin; null where it is not split, or has not begun. */
export function nextBatchAt({ batchAt, batchEveryMs }: Campaign): number | null {
  return batchAt === null || batchEveryMs === null ? null : batchAt + batchEveryMs;
}

/**
 * A campaign as a node takes it up whose time has come. A batch that is used up, or whose time is over, gives way to
 * the next one; a pause is no reason to begin one. Another node's lease that has ended changes nothing else.
 */
export function takenUp(campaign: Campaign, nodeId: NodeId, now: number, until: number): Campaign {
  const { batchSize, stretchAt, cursor } = campaign;
  const nextAt = nextBatchAt(campaign);
  const nextBatch = batchSize !== null && (nextAt === null || nextAt <= now);
  return {
    ...campaign,
    state: 'running',
    lockedBy: nodeId,
    dueAt: until,
    changedAt: now,
    startedAt: campaign.startedAt ?? now,
    ...(nextBatch && { batchFrom: cursor, batchAt: now }),
    ...((nextBatch || stretchAt === null) && { stretchFrom: cursor, stretchAt: now }),
  };
}
