import type { DeliveryContext } from '../core/delivery/context.ts';
import { settleParked } from '../core/delivery/doubtful-receipts.ts';
import {
  expireQueued,
  releaseScheduled,
  settleLost,
  settleSilent,
} from '../core/delivery/overdue.ts';
import { deliverIncomplete } from '../core/delivery/segments.ts';
import type { RetentionCuts } from '../core/ports/storage.ts';
import { Reroute } from '../core/routing/reroute.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const sweepPauseMs = 1_000;
/** Of replies that stay incomplete for ten minutes nobody has to hear to the second. */
const incompleteRounds = 30;
const retainPauseMs = 60_000;
/** Rounds of one sweep before the others have their turn. */
const roundsAtOnce = 20;
const retainedAtOnce = 1_000;

/** How long things are kept once they are finished. */
export type RetentionTimes = { [Kind in Exclude<keyof RetentionCuts, 'archived'>]: number } & Pick<
  RetentionCuts,
  'archived'
>;

/**
 * Moves what has become due: scheduled messages, lost hand-overs, missing receipts, receipts that wait too long, passed
 * validity, replies that stayed incomplete, and what waits for a link that is away too long.
 */
export function sweepWorker(context: DeliveryContext, log: WorkerLog): Worker {
  const reroute = new Reroute(context);
  const sweeps = [
    releaseScheduled,
    settleLost,
    expireQueued,
    settleSilent,
    settleParked,
    seldom(deliverIncomplete, incompleteRounds),
    () => reroute.round(),
  ];
  return every(
    sweepPauseMs,
    async () => {
      for (const sweep of sweeps) {
        for (let round = 0; round < roundsAtOnce; round++) {
          if ((await sweep(context)) === 0) break;
        }
      }
    },
    { clock: context.clock, log, name: 'sweep' },
  );
}

/** The sweep in one round of so many. */
function seldom<Given>(
  sweep: (given: Given) => Promise<number>,
  rounds: number,
): (given: Given) => Promise<number> {
  let round = 0;
  return async (given) => (round++ % rounds === 0 ? sweep(given) : 0);
}

/** What was finished before these instants has been kept long enough. */
export function cutsAt(now: number, keepMs: RetentionTimes): RetentionCuts {
  return {
    messages: now - keepMs.messages,
    replies: now - keepMs.replies,
    archived: keepMs.archived,
    timeline: now - keepMs.timeline,
    notifications: now - keepMs.notifications,
    unconfirmed: now - keepMs.unconfirmed,
    idempotency: now - keepMs.idempotency,
    parkedReceipts: now - keepMs.parkedReceipts,
    segments: now - keepMs.segments,
    rates: now - keepMs.rates,
    enrolmentCodes: now - keepMs.enrolmentCodes,
    shortLinks: now - keepMs.shortLinks,
    visits: now - keepMs.visits,
    sealedTexts: now - keepMs.sealedTexts,
    campaigns: now - keepMs.campaigns,
    logins: now - keepMs.logins,
    mails: now - keepMs.mails,
    audit: now - keepMs.audit,
  };
}

/** Deletes what has been kept long enough, a little at a time. */
export function retainWorker(
  context: DeliveryContext,
  keepMs: RetentionTimes,
  log: WorkerLog,
): Worker {
  const { clock, storage } = context;
  return every(
    retainPauseMs,
    async () => {
      const now = clock.now();
      const cuts = cutsAt(now, keepMs);
      try {
        await storage.maintain(now, cuts);
      } catch (error) {
        // A long reader, a dump, holds the tables: there is time, and the rows that are old can go.
        log.warn(
          { err: error },
          'the weeks of the big tables could not be kept; it is tried again',
        );
      }
      for (let round = 0; round < roundsAtOnce; round++) {
        const deleted = await storage.write((tx) => tx.retain(cuts, retainedAtOnce));
        if (deleted === 0) break;
      }
    },
    { clock, log, name: 'retain' },
  );
}
