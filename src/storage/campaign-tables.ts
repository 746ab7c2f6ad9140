import type { Campaign, CampaignError, CampaignPage } from '../core/campaigns/campaign.ts';
import type { RowOf } from './codec.ts';
import { codec } from './codec.ts';

/** The tables of campaigns, as a part of `Tables`. */
export interface CampaignTables {
  campaigns: RowOf<Campaign, 'tags' | 'extras' | 'columns'>;
  campaign_pages: RowOf<CampaignPage, 'rows'>;
  campaign_errors: RowOf<CampaignError>;
}

export const campaignRow = codec<Campaign, 'tags' | 'extras' | 'columns'>({
  id: 'plain',
  accountId: 'plain',
  name: 'plain',
  kind: 'plain',
  state: 'plain',
  reason: 'plain',
  channel: 'plain',
  sender: 'plain',
  text: 'plain',
  medium: 'plain',
  product: 'plain',
  tags: 'json',
  extras: 'json',
  shorten: 'plain',
  keepsRefused: 'plain',
  header: 'plain',
  toColumn: 'plain',
  columns: 'json',
  rows: 'plain',
  broken: 'plain',
  stored: 'plain',
  cursor: 'plain',
  sent: 'plain',
  refused: 'plain',
  parts: 'plain',
  price: 'plain',
  scheduledAt: 'plain',
  batchSize: 'plain',
  batchEveryMs: 'plain',
  batchFrom: 'plain',
  batchAt: 'plain',
  stretchFrom: 'plain',
  stretchAt: 'plain',
  dueAt: 'plain',
  lockedBy: 'plain',
  createdAt: 'plain',
  changedAt: 'plain',
  startedAt: 'plain',
  doneAt: 'plain',
});

export const campaignPageRow = codec<CampaignPage, 'rows'>({
  campaignId: 'plain',
  first: 'plain',
  rows: 'json',
});

export const campaignErrorRow = codec<CampaignError>({
  campaignId: 'plain',
  line: 'plain',
  code: 'plain',
  detail: 'plain',
  number: 'plain',
});
