import type { Expansion, Step } from '../core/campaigns/expansion.ts';
import { GatewayError } from '../core/errors.ts';
import type { Campaign } from '../core/campaigns/campaign.ts';
import type { NodeId } from '../core/ids.ts';
import type { Clock } from '../core/ports/clock.ts';
import { every } from './every.ts';
import type { Worker, WorkerLog } from './worker.ts';

const pauseMs = 500;
/** Campaigns that one node submits, in turns. */
const mostAtOnce = 8;
/** How often campaigns that have become due are taken up while others run. */
const lookMs = 1_000;
/** How often it looks for those that nobody goes on with. */
const staleLookMs = 600_000;

/**
 * Makes campaigns' rows messages: a chunk of each campaign that this node has, in turns, until none has any or their
 * links have enough to do.
 */
export function campaignWorker(
  expansion: Expansion,
  { clock, nodeId, log }: { clock: Clock; nodeId: NodeId; log: WorkerLog },
): Worker {
  const held = new Map<Campaign['id'], Campaign>();
  const state = { stopping: false };
  let lookedAt = Number.NEGATIVE_INFINITY;
  let staleLookedAt = Number.NEGATIVE_INFINITY;

  const look = async (): Promise<void> => {
    const now = clock.now();
    if (Math.abs(now - staleLookedAt) >= staleLookMs) {
      staleLookedAt = now;
      const gone = await expansion.giveUpStale();
      if (gone > 0) log.warn({ campaigns: gone }, 'campaigns that nobody went on with are over');
    }
    lookedAt = now;
    if (held.size >= mostAtOnce) return;
    for (const campaign of await expansion.claim(nodeId, mostAtOnce - held.size)) {
      held.set(campaign.id, campaign);
      const { id, accountId, stored, cursor } = campaign;
      log.info(
        { campaign: id, account: accountId, rows: stored, from: cursor },
        'campaign taken up',
      );
    }
  };

  /** What storage cannot do now it does later; a defect that one campaign brings to light stops no other. */
  const stepOf = async (id: Campaign['id']): Promise<Step> => {
    try {
      return await expansion.step(id, nodeId);
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      log.warn({ err: error, campaign: id }, 'a campaign could not go on and is paused');
      await expansion.pause(id, nodeId, 'An error inside the gateway; its log says more.');
      return { kind: 'over' };
    }
  };

  /** One chunk of each. @returns whether any went on. */
  const turn = async (): Promise<boolean> => {
    let moved = false;
    for (const id of held.keys()) {
      if (state.stopping) return false;
      const step = await stepOf(id);
      if (step.kind === 'moved') moved = true;
      else if (step.kind === 'over') {
        held.delete(id);
        log.info({ campaign: id }, 'campaign let go');
      }
    }
    return moved;
  };

  const worker = every(
    pauseMs,
    async () => {
      await look();
      while (!state.stopping && (await turn())) {
        if (Math.abs(clock.now() - lookedAt) >= lookMs) await look();
      }
    },
    { clock, log, name: 'campaigns' },
  );

  return {
    start: () => worker.start(),
    stop: async () => {
      state.stopping = true;
      await worker.stop();
      for (const campaign of held.values()) await expansion.letGo(campaign, nodeId);
      held.clear();
    },
  };
}
