import type { RetentionCuts } from '../../core/ports/storage.ts';
import { sql } from 'kysely';

import type { Engine, Session } from '../engine.ts';
import { partitionedTables, WEEK_MS, weekOf } from '../partitions.ts';

/** Nothing is kept longer; what claims to be older finds its place all the same. */
const LONGEST_KEPT_MS = 11 * 366 * 86_400_000;

/** Nothing is old enough to go. */
const noCuts: RetentionCuts = {
  messages: 0,
  replies: 0,
  archived: false,
  timeline: 0,
  notifications: 0,
  unconfirmed: 0,
  idempotency: 0,
  parkedReceipts: 0,
  segments: 0,
  rates: 0,
  enrolmentCodes: 0,
  shortLinks: 0,
  visits: 0,
  sealedTexts: 0,
  campaigns: 0,
  logins: 0,
  mails: 0,
  audit: 0,
};

/**
 * Has the target cut its tables for the whole time from which the source has rows. Serving makes the
 * cuts of the present only: without this, old rows would all lie in the piece for what has none of
 * its own, and be deleted one by one when their time comes.
 */
export async function makePartitions(source: Session, target: Engine, now: number): Promise<void> {
  if (!target.capabilities.partitions) return;
  const oldest = await oldestOf(source, now);
  for (let week = weekOf(oldest); week <= now; week += WEEK_MS) {
    await target.keepPartitions(week, noCuts);
  }
}

async function oldestOf({ kysely }: Session, now: number): Promise<number> {
  let oldest = now;
  for (const { table, id } of partitionedTables) {
    const { rows } = await sql<{ id: string | null }>`
      select min(${sql.ref(id)}) as id from ${sql.table(table)}`.execute(kysely);
    const instant = instantOf(rows[0]?.id ?? '');
    if (instant < oldest) oldest = instant;
  }
  return Math.max(oldest, now - LONGEST_KEPT_MS);
}

/** When a UUID of version 7 was made; NaN for other texts. */
function instantOf(id: string): number {
  return Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
}
