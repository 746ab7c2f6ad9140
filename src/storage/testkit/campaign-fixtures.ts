import type { Campaign } from '../../core/campaigns/campaign.ts';
import type { AccountId, CampaignId } from '../../core/ids.ts';
import { millicredits } from '../../core/money.ts';
import { START } from './fixtures.ts';

/** One that is ready. */
export function campaignOf(id: CampaignId, over: Partial<Campaign> = {}): Campaign {
  const createdAt = over.createdAt ?? START;
  return {
    id,
    accountId: 'account' as AccountId,
    name: 'Sale',
    kind: 'bulk',
    state: 'ready',
    reason: null,
    channel: 'cli',
    sender: 'CompanyABC',
    text: 'Hello {{name}}',
    medium: 'sms',
    product: null,
    tags: null,
    extras: null,
    shorten: 0,
    keepsRefused: 0,
    header: 1,
    toColumn: null,
    columns: null,
    rows: 0,
    broken: 0,
    stored: 0,
    cursor: 0,
    sent: 0,
    refused: 0,
    parts: 0,
    price: millicredits(0),
    scheduledAt: null,
    batchSize: null,
    batchEveryMs: null,
    batchFrom: 0,
    batchAt: null,
    stretchFrom: 0,
    stretchAt: null,
    dueAt: createdAt,
    lockedBy: null,
    createdAt,
    changedAt: createdAt,
    startedAt: null,
    doneAt: null,
    ...over,
  };
}
