import { GatewayError } from '../errors.ts';

/**
 * What becomes of a campaign.
 *
 *   importing ──file is whole──▶ ready ──start──▶ running ──last row──▶ done
 *       │                         │ start at a time   ▲  │ pause, or the credit is used up
 *       │                         ▼                   │  ▼
 *       │                     scheduled ──its time──▶─┤ paused
 *       │                         │                   │  │
 *       │                         └──────pause────────┼─▶┤
 *       │                         ▲──resume, before───┴──┘ resume
 *       │ no such file, or it did not come whole
 *       ▼
 *     failed            aborted ◀──abort── whatever has not ended; what was ready or paused for too long
 *
 * - `importing`: rows are written down as the file comes in. Nothing is sent. It goes on where it stopped when the
 *   same file comes again.
 * - `ready`: one of whose file no row can be sent is `done` as soon as it is started.
 * - `running`: rows become messages, chunk by chunk, by the node that has it under a lease. A batch that is over
 *   leaves it `running` until the next one is due.
 * - `paused`: with the reason. What was submitted before goes on its way. One that keeps what is refused is not paused
 *   for want of credit.
 * - `done`: every row was submitted or refused. That says nothing of the messages' delivery.
 * - `aborted`: rows that were not submitted never will be.
 */
export const campaignStates = [
  'importing',
  'ready',
  'scheduled',
  'running',
  'paused',
  'done',
  'aborted',
  'failed',
] as const;
export type CampaignState = (typeof campaignStates)[number];

const moves: Readonly<Record<CampaignState, readonly CampaignState[]>> = {
  importing: ['ready', 'failed', 'aborted'],
  ready: ['scheduled', 'running', 'done', 'aborted'],
  scheduled: ['running', 'paused', 'aborted'],
  running: ['paused', 'done', 'aborted'],
  paused: ['scheduled', 'running', 'aborted'],
  done: [],
  aborted: [],
  failed: [],
};

export function mayMove(from: CampaignState, to: CampaignState): boolean {
  return moves[from].includes(to);
}

/** Nothing more becomes of it. */
export function hasEnded(state: CampaignState): boolean {
  return moves[state].length === 0;
}

const movedBy: Readonly<Record<CampaignState, string>> = {
  importing: 'imported',
  ready: 'made ready',
  scheduled: 'scheduled',
  running: 'started',
  paused: 'paused',
  done: 'ended',
  aborted: 'aborted',
  failed: 'given up',
};

/** @throws GatewayError `invalid_request` when that is no move of the table above. */
export function requireMove(from: CampaignState, to: CampaignState): void {
  if (!mayMove(from, to)) throw noSuchMove(from, to);
}

export function noSuchMove(from: CampaignState, to: CampaignState): GatewayError {
  return new GatewayError(
    'invalid_request',
    `The campaign is ${from}: it cannot be ${movedBy[to]}.`,
    { field: 'state' },
  );
}
