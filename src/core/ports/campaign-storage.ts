import type { Campaign, CampaignError, CampaignPage } from '../campaigns/campaign.ts';
import type { CampaignState } from '../campaigns/state.ts';
import type { AccountId, CampaignId, LinkId, NodeId } from '../ids.ts';

/** What is kept of campaigns: parts of `Reads` and `Tx`. */

/** A page of campaigns: of an account, in a state, or all of them. */
export interface CampaignSearch {
  limit: number;
  offset: number;
  accountId?: AccountId | undefined;
  state?: CampaignState | undefined;
}

export interface CampaignReads {
  /** Whosever it is. */
  find(id: CampaignId): Promise<Campaign | undefined>;
  /** Newest first. */
  list(which: CampaignSearch): Promise<Campaign[]>;
  /** The stored rows among which this one is. */
  page(id: CampaignId, row: number): Promise<CampaignPage | undefined>;
  /** Those of the lines after this one, in their order. */
  errors(id: CampaignId, after: number, limit: number): Promise<CampaignError[]>;
  /** How many messages of a lower priority than others wait for a link; beyond `atMost` they are not counted. */
  waitingBehind(linkId: LinkId, atMost: number): Promise<number>;
  /** How many there are in each state that is not an end. */
  counts(): Promise<{ state: CampaignState; count: number }[]>;
}

export interface CampaignTx {
  insert(campaign: Campaign): Promise<void>;
  /** The rows as they are, which nobody else changes until the commit. */
  lock(ids: readonly CampaignId[]): Promise<(Campaign | undefined)[]>;
  /** Writes what changes in a campaign's life. */
  save(campaigns: readonly Campaign[]): Promise<void>;
  insertPages(pages: readonly CampaignPage[]): Promise<void>;
  removePages(pages: readonly Pick<CampaignPage, 'campaignId' | 'first'>[]): Promise<void>;
  /** Of one campaign so many. Gives how many that were. */
  removeSomePages(id: CampaignId, limit: number): Promise<number>;
  insertErrors(errors: readonly CampaignError[]): Promise<void>;
  /** Those that run or are scheduled and are due, which nobody else changes until the commit, by their time. */
  lockDue(now: number, limit: number): Promise<Campaign[]>;
  /** Those in a state in which nothing of them was changed since, locked, so many of each, by that time. */
  lockUnchanged(
    wanted: readonly { state: CampaignState; since: number }[],
    limit: number,
  ): Promise<Campaign[]>;
  /** What these nodes hold becomes due now. Gives how many that were. */
  reclaim(heldBy: readonly NodeId[] | { allBut: NodeId }, now: number): Promise<number>;
}
