import { expect, it } from 'vitest';
import { campaignOf } from '../../storage/testkit/campaign-fixtures.ts';
import type { CampaignId } from '../ids.ts';
import type { Campaign } from './campaign.ts';
import { progressOf } from './progress.ts';

const minute = 60_000;

const campaign = campaignOf('campaign' as CampaignId, {
  createdAt: 0,
  state: 'running',
  text: 'Hello',
  rows: 10_000,
  stored: 10_000,
  batchAt: 0,
  stretchAt: 0,
  startedAt: 0,
});

it.each<[string, Partial<Campaign>, number, Partial<ReturnType<typeof progressOf>>]>([
  ['nothing yet', {}, 0, { done: 0, share: 0, perSecond: null, leftMs: null }],
  [
    'a quarter',
    { cursor: 2_500, changedAt: 5_000 },
    5_000,
    { done: 2_500, share: 0.25, perSecond: 500, leftMs: 15_000 },
  ],
  [
    'after a pause, what went before says nothing',
    { cursor: 2_500, stretchFrom: 2_000, stretchAt: 90_000, changedAt: 95_000 },
    95_000,
    { perSecond: 100, leftMs: 75_000 },
  ],
  [
    'paused',
    { state: 'paused', cursor: 2_500, changedAt: 5_000 },
    9_000,
    { perSecond: 500, leftMs: null },
  ],
  [
    'in the first of five batches',
    { cursor: 1_000, changedAt: 1_000, batchSize: 2_000, batchEveryMs: 10 * minute },
    1_000,
    // Three further batches are begun, each ten minutes after the one before; the last takes two seconds.
    { perSecond: 1_000, leftMs: 40 * minute - 1_000 + 2_000 },
  ],
  [
    'between two batches',
    {
      cursor: 8_000,
      batchFrom: 6_000,
      stretchFrom: 6_000,
      changedAt: 2_000,
      batchSize: 2_000,
      batchEveryMs: 10 * minute,
    },
    5 * minute,
    { perSecond: 1_000, leftMs: 5 * minute + 2_000 },
  ],
  [
    'in the last batch',
    {
      cursor: 9_000,
      batchFrom: 8_000,
      stretchFrom: 8_000,
      changedAt: 1_000,
      batchSize: 2_000,
      batchEveryMs: 10 * minute,
    },
    1_000,
    { perSecond: 1_000, leftMs: 1_000 },
  ],
  [
    'in a batch that was paused amidst it',
    {
      cursor: 1_000,
      stretchFrom: 500,
      stretchAt: minute,
      changedAt: minute + 1_000,
      batchSize: 2_000,
      batchEveryMs: 10 * minute,
      stored: 3_000,
    },
    minute + 1_000,
    // The second one begins ten minutes after the first one did.
    { perSecond: 500, leftMs: 9 * minute - 1_000 + 2_000 },
  ],
  ['an empty one', { stored: 0 }, 0, { share: 0 }],
])('%s', (_, over, now, expected) => {
  expect(progressOf({ ...campaign, ...over }, now)).toMatchObject(expected);
});
