import type { Command } from 'commander';
import type { CampaignStart } from '../../core/campaigns/definition.ts';
import { usageError } from '../shared/failure.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { parseSpan, parseWhen, wholeNumber } from '../shared/parse.ts';
import { findCampaign, showCampaign } from './present.ts';

export interface StartOptions {
  at?: number;
  batch?: number;
  every?: number;
}

/** `parlance campaign start` */
export function addStart(group: Command, kit: Kit): void {
  const command = startOptions(
    group
      .command('start')
      .argument('<id>', 'as `parlance campaign list` shows it')
      .description('Send a campaign that is ready, now or at a time.'),
  ).action(
    storageAction(kit, async (session, options: StartOptions, id: string) => {
      const { campaign, caller } = await findCampaign(session, id);
      const start = startOf(options);
      const started = await session.gateway.campaigns.start(caller, campaign.id, start);
      await showCampaign(session, started);
      session.print.remark(
        `A serving process (\`parlance serve\`) sends it. Follow it with \`parlance campaign show ${started.id} --watch\`.`,
      );
    }),
  );
  examples(command, [
    ['parlance campaign start 0199a3c0-…', 'now'],
    ['parlance campaign start 0199a3c0-… --at "2026-12-01 22:00:00"', 'later (UTC)'],
    ['parlance campaign start 0199a3c0-… --batch 10000 --every 10m', 'in batches'],
  ]);
}

/** Adds what says when and how fast a campaign goes. */
export function startOptions(command: Command): Command {
  return command
    .option('--at <time>', 'not before this time (UTC unless it names an offset)', parseWhen)
    .option('--batch <rows>', 'so many rows at once', wholeNumber(1, 5_000_000))
    .option('--every <span>', 'and the next batch after this time, such as 10m', parseSpan);
}

export function startOf({ at, batch, every }: StartOptions): CampaignStart {
  if ((batch === undefined) !== (every === undefined)) {
    throw usageError('--batch and --every go together.');
  }
  return {
    at,
    batch: batch === undefined || every === undefined ? null : { size: batch, everyMs: every },
  };
}
