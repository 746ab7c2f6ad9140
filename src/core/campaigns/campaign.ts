import type { ErrorCode } from '../errors.ts';
import type { AccountId, CampaignId, NodeId } from '../ids.ts';
import type { Medium } from '../messages/medium.ts';
import type { Message } from '../messages/message.ts';
import type { Millicredits } from '../money.ts';
import type { CampaignState } from './state.ts';

/** `quick`: few rows, as typed in a hurry. `bulk`: as many as a campaign may have at all. */
export const campaignKinds = ['quick', 'bulk'] as const;
export type CampaignKind = (typeof campaignKinds)[number];

/** One text to the rows of a file, as it is stored. Instants are epoch milliseconds. */
export interface Campaign {
  id: CampaignId;
  accountId: AccountId;
  /** For people. */
  name: string;
  kind: CampaignKind;
  state: CampaignState;
  /** Why it is paused, or has failed. */
  reason: string | null;
  /** The way it came in, which is that of its messages: a dialect's name, or one of ours. */
  channel: string;
  sender: string;
  /** With `{{column}}` where a row's value goes. */
  text: string;
  medium: Medium;
  product: string | null;
  /** Opt-out tags of its messages. */
  tags: readonly string[] | null;
  /** What its way in keeps with each of its messages: `Message.extras`. */
  extras: Message['extras'];
  /** 1: URLs in its texts become short links. */
  shorten: 0 | 1;
  /**
   * 1: a row that is refused, for want of credit too, becomes a message that has failed, and its client is told. 0: it
   * only stands in the error file, and want of credit pauses the campaign.
   */
  keepsRefused: 0 | 1;
  /** 1: the file's first row names its columns. */
  header: 0 | 1;
  /** The column with the numbers; null: the first that is called as such columns are. */
  toColumn: string | null;
  /** The columns of its file; null until its first row was read. */
  columns: readonly string[] | null;

  /** Rows of the file that were read, broken ones included. */
  rows: number;
  /** Those that could not be read. */
  broken: number;
  /** Those that are to be sent. */
  stored: number;

  /** Of the stored rows those before it were submitted, those from it on were not. */
  cursor: number;
  /** What became messages. */
  sent: number;
  /** What was refused instead. */
  refused: number;
  parts: number;
  price: Millicredits;

  /** Not before this instant. */
  scheduledAt: number | null;
  /** Rows that are submitted at once, until the next batch is due; null: all. */
  batchSize: number | null;
  batchEveryMs: number | null;
  /** Where the batch that is under way began, or was the last, and when; null before there is one. */
  batchFrom: number;
  batchAt: number | null;
  /** Since where and when it goes on without a stop: from this its rate is reckoned; null since it was resumed. */
  stretchFrom: number;
  stretchAt: number | null;

  /** When it next needs someone: its time, its next batch, the end of its lease. */
  dueAt: number;
  /** The node that submits it; its lease ends at `dueAt`. */
  lockedBy: NodeId | null;
  createdAt: number;
  changedAt: number;
  startedAt: number | null;
  doneAt: number | null;
}

/** A row of the file as it waits to be sent: its line in the file, its number, and what the text has of it. */
export type CampaignRow = readonly [line: number, to: string, ...values: string[]];

/** Stored rows that follow each other. */
export interface CampaignPage {
  campaignId: CampaignId;
  /** Which of all stored rows its first one is, from 0. */
  first: number;
  rows: readonly CampaignRow[];
}

/** Why a line of the file was not sent. */
export interface CampaignError {
  campaignId: CampaignId;
  /** From 1; of a row of several lines the first. */
  line: number;
  code: ErrorCode;
  detail: string;
  /** What stands where the number should, shortened; null where there is nothing. */
  number: string | null;
}

/** What an account may ask for. All come from the configuration. */
export interface CampaignLimits {
  fileBytes: number;
  quickRows: number;
  bulkRows: number;
  /** Of media that are no texts. */
  otherRows: number;
  /** More than the one and less than the other ahead. */
  scheduleLeastMs: number;
  scheduleMostMs: number;
  batchLeast: number;
  batchMost: number;
  batchEveryLeastMs: number;
  batchEveryMostMs: number;
  tags: number;
  /** Messages of campaigns that may wait for a link before no more are made for it. */
  waiting: number;
  /** One that is ready or paused, and was not touched for so long, is aborted. */
  idleMs: number;
}

const minute = 60_000;

/** As `parlance.default.yaml` has them. */
export const usualCampaignLimits: CampaignLimits = {
  fileBytes: 200 * 1024 * 1024,
  quickRows: 50_000,
  bulkRows: 500_000,
  otherRows: 200_000,
  scheduleLeastMs: 5 * minute,
  scheduleMostMs: 90 * 24 * 60 * minute,
  batchLeast: 1_000,
  batchMost: 500_000,
  batchEveryLeastMs: 5 * minute,
  batchEveryMostMs: 60 * minute,
  tags: 3,
  waiting: 10_000,
  idleMs: 90 * 24 * 60 * minute,
};

/** How many rows its file may have. */
export function mostRows(
  { kind, medium }: Pick<Campaign, 'kind' | 'medium'>,
  limits: CampaignLimits,
): number {
  const most = kind === 'quick' ? limits.quickRows : limits.bulkRows;
  return medium === 'sms' ? most : Math.min(most, limits.otherRows);
}
