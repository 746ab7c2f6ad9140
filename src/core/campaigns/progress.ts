import type { Campaign } from './campaign.ts';
import { nextBatchAt, roomInBatch } from './chunk.ts';

/** How far a campaign has come, for people and programs. */
export interface CampaignProgress {
  /** Rows that are to be sent, and those of them that were submitted or refused. */
  rows: number;
  done: number;
  /** From 0 to 1. */
  share: number;
  /** Rows a second in the stretch that is under way, or was the last; null before there is one. */
  perSecond: number | null;
  /** Until the last row is submitted, at that rate and with the batches to come; null when nobody can say. */
  leftMs: number | null;
}

export function progressOf(campaign: Campaign, now: number): CampaignProgress {
  const { stored, cursor, stretchFrom, stretchAt, changedAt, state } = campaign;
  const spent = stretchAt === null ? 0 : changedAt - stretchAt;
  const perSecond =
    spent > 0 && cursor > stretchFrom ? ((cursor - stretchFrom) * 1000) / spent : null;
  return {
    rows: stored,
    done: cursor,
    share: stored === 0 ? 0 : cursor / stored,
    perSecond,
    leftMs: state === 'running' && perSecond !== null ? leftMs(campaign, perSecond, now) : null,
  };
}

function leftMs(campaign: Campaign, perSecond: number, now: number): number {
  const { stored, cursor, batchSize, batchEveryMs } = campaign;
  const lasting = (rows: number): number => (rows * 1000) / perSecond;
  const left = stored - cursor;
  const nextAt = nextBatchAt(campaign);
  if (batchSize === null || batchEveryMs === null || nextAt === null) return lasting(left);
  const inBatch = Math.max(0, roomInBatch(campaign));
  if (left <= inBatch) return lasting(left);
  const further = Math.ceil((left - inBatch) / batchSize);
  const last = left - inBatch - (further - 1) * batchSize;
  return Math.max(now, nextAt) - now + (further - 1) * batchEveryMs + lasting(last);
}
