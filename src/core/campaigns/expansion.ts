import type { Caller } from '../accounts/authenticate.ts';
import { GatewayError } from '../errors.ts';
import type { AccountId, CampaignId, LinkId, NodeId } from '../ids.ts';
import type { SubmitOutcome, SubmitRequest } from '../messages/submit.ts';
import type { OptoutLinks } from '../optouts/optout-links.ts';
import type { Clock } from '../ports/clock.ts';
import type { Storage } from '../ports/storage.ts';
import type { Campaign, CampaignLimits } from './campaign.ts';
import { roomInBatch, takenUp } from './chunk.ts';
import { spanText } from './definition.ts';
import { messagesOf } from './messages-of.ts';

/** A node that submits a campaign has it for so long after each chunk. */
const leaseMs = 15_000;
/** A file of which nothing came for so long does not come any more. */
const staleMs = 24 * 3_600_000;
const staleAtOnce = 20;

export interface ExpansionParts {
  storage: Storage;
  clock: Clock;
  limits: Pick<CampaignLimits, 'waiting' | 'idleMs'>;
  /** Whoever stands for an account. */
  actAs(accountId: AccountId): Promise<Caller>;
  submit(request: SubmitRequest): Promise<SubmitOutcome>;
  optoutLinks: Pick<OptoutLinks, 'fill'>;
}

/**
 * What came of a step: rows were submitted, and how many; its links have enough to do; or it is not this node's any
 * more, whatever the reason.
 */
export type Step = { kind: 'moved'; rows: number } | { kind: 'full' } | { kind: 'over' };

/**
 * Makes the rows of campaigns messages, a chunk at a time.
 *
 * Crash points: a chunk's messages, their price and the campaign's place are one transaction, so before its commit
 * none of its rows was submitted and after it all were. A node that dies leaves its lease, at whose end another one
 * goes on at that place; one that only seemed dead finds that its campaign is elsewhere, and lets go.
 */
export class Expansion {
  readonly #parts: ExpansionParts;
  /** Links by which messages of a campaign go, as far as this node has seen. */
  readonly #links = new Map<CampaignId, Set<LinkId>>();

  constructor(parts: ExpansionParts) {
    this.#parts = parts;
  }

  /** Takes up campaigns that are due. */
  async claim(nodeId: NodeId, limit: number): Promise<Campaign[]> {
    const { storage, clock } = this.#parts;
    return storage.write(async (tx) => {
      const now = clock.now();
      const due = await tx.campaigns.lockDue(now, limit);
      const taken = due.map((campaign) => takenUp(campaign, nodeId, now, now + leaseMs));
      await tx.campaigns.save(taken);
      return taken;
    });
  }

  /** Gives a campaign back, for whoever comes first. */
  async letGo({ id }: Campaign, nodeId: NodeId): Promise<void> {
    const { storage, clock } = this.#parts;
    this.#links.delete(id);
    await storage.write(async (tx) => {
      const [now] = await tx.campaigns.lock([id]);
      if (now?.state !== 'running' || now.lockedBy !== nodeId) return;
      await tx.campaigns.save([{ ...now, lockedBy: null, dueAt: clock.now() }]);
    });
  }

  /**
   * Ends campaigns whose file does not come any more, and those that nobody starts or resumes: what is kept of people
   * has an end. Gives how many.
   */
  async giveUpStale(): Promise<number> {
    const { storage, clock, limits } = this.#parts;
    return storage.write(async (tx) => {
      const now = clock.now();
      const idleSince = now - limits.idleMs;
      const wanted = [
        { state: 'importing', since: now - staleMs },
        { state: 'ready', since: idleSince },
        { state: 'paused', since: idleSince },
      ] as const;
      const stale = await tx.campaigns.lockUnchanged(wanted, staleAtOnce);
      const failed = {
        state: 'failed',
        reason: 'Its file did not come whole within a day.',
      } as const;
      const reason = `It was neither started nor resumed for ${spanText(limits.idleMs)}.`;
      const aborted = { state: 'aborted', reason } as const;
      await tx.campaigns.save(
        stale.map((one) => {
          const end = one.state === 'importing' ? failed : aborted;
          return { ...one, ...end, changedAt: now, doneAt: now };
        }),
      );
      return stale.length;
    });
  }

  /**
   * Submits the next rows of a campaign that this node has. What its account cannot pay as a whole is tried in
   * halves, so that it pauses at the very row that cannot be paid, or that row and the rest of its page are refused.
   */
  async step(id: CampaignId, nodeId: NodeId): Promise<Step> {
    const { storage, clock } = this.#parts;
    const { read } = storage;
    const campaign = await read.campaigns.find(id);
    if (campaign?.state !== 'running' || campaign.lockedBy !== nodeId) return this.#over(id);
    if (await this.#isFull(id)) {
      const kept = await this.#renew(campaign, nodeId);
      return kept ? { kind: 'full' } : this.#over(id);
    }
    const caller = await this.#callerOf(campaign);
    if (typeof caller === 'string') return this.#pause(campaign, nodeId, caller);
    const page = await read.campaigns.page(id, campaign.cursor);
    if (!page) throw new Error(`campaign ${id} has no row ${campaign.cursor}`);
    const from = campaign.cursor - page.first;
    const messageOf = messagesOf(campaign, caller.view, this.#parts.optoutLinks);
    const most = Math.min(page.rows.length - from, roomInBatch(campaign));
    let refused: SubmitRequest['refused'] = campaign.keepsRefused ? 'keep_but_unpaid' : undefined;
    for (let count = most; ; ) {
      const rows = page.rows.slice(from, from + count);
      try {
        const outcome = await this.#parts.submit({
          caller,
          messages: rows.map(messageOf),
          refused,
          campaign: {
            id,
            nodeId,
            leaseUntil: clock.now() + leaseMs,
            from: campaign.cursor,
            rows: rows.map(([line, to]) => ({ line, to })),
            finishes: from + count === page.rows.length ? page.first : null,
          },
        });
        this.#remember(id, outcome);
        return { kind: 'moved', rows: count };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        if (error.code === 'already_exists') return this.#over(id);
        if (error.code !== 'insufficient_credit') throw error;
        if (count > 1) count = Math.ceil(count / 2);
        else if (refused) {
          refused = 'keep';
          count = most;
        } else {
          const line = rows[0]?.[0] ?? 0;
          const reason = `The credit is used up: line ${line} of the file, and what follows, was not sent.`;
          return this.#pause(campaign, nodeId, reason);
        }
      }
    }
  }

  /** Pauses a campaign that this node has. */
  async pause(id: CampaignId, nodeId: NodeId, reason: string): Promise<void> {
    const campaign = await this.#parts.storage.read.campaigns.find(id);
    if (campaign) await this.#pause(campaign, nodeId, reason);
  }

  async #callerOf({ accountId, channel }: Campaign): Promise<Caller | string> {
    try {
      const caller = { ...(await this.#parts.actAs(accountId)), channel };
      return caller.view.account.status === 'active' ? caller : 'The account is suspended.';
    } catch (error) {
      if (error instanceof GatewayError && error.code === 'not_found') return error.detail;
      throw error;
    }
  }

  #over(id: CampaignId): Step {
    this.#links.delete(id);
    return { kind: 'over' };
  }

  async #pause({ id, cursor }: Campaign, nodeId: NodeId, reason: string): Promise<Step> {
    const { storage, clock } = this.#parts;
    await storage.write(async (tx) => {
      const [now] = await tx.campaigns.lock([id]);
      if (now?.state !== 'running' || now.lockedBy !== nodeId || now.cursor !== cursor) return;
      const changedAt = clock.now();
      await tx.campaigns.save([{ ...now, state: 'paused', reason, lockedBy: null, changedAt }]);
    });
    return this.#over(id);
  }

  /** Keeps a campaign whose lease would end while it waits for its links. */
  async #renew({ id, dueAt }: Campaign, nodeId: NodeId): Promise<boolean> {
    const { storage, clock } = this.#parts;
    if (dueAt - clock.now() > leaseMs / 2) return true;
    return storage.write(async (tx) => {
      const [now] = await tx.campaigns.lock([id]);
      if (now?.state !== 'running' || now.lockedBy !== nodeId) return false;
      await tx.campaigns.save([{ ...now, dueAt: clock.now() + leaseMs }]);
      return true;
    });
  }

  async #isFull(id: CampaignId): Promise<boolean> {
    const { storage, limits } = this.#parts;
    for (const linkId of this.#links.get(id) ?? []) {
      const waiting = await storage.read.campaigns.waitingBehind(linkId, limits.waiting);
      if (waiting >= limits.waiting) return true;
    }
    return false;
  }

  #remember(id: CampaignId, outcome: SubmitOutcome): void {
    if (outcome.kind !== 'done') return;
    const links = this.#links.get(id) ?? new Set();
    for (const verdict of outcome.result.verdicts) {
      if (verdict.ok && verdict.message.linkId !== null) links.add(verdict.message.linkId);
    }
    this.#links.set(id, links);
  }
}
