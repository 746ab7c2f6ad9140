import type { Command } from 'commander';
import type { Campaign } from '../../core/campaigns/campaign.ts';
import { hasEnded } from '../../core/campaigns/state.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { showLine } from './line.ts';
import { findCampaign, progressLine, showCampaign } from './present.ts';

const lookMs = 500;

/** `parlance campaign show` */
export function addShow(group: Command, kit: Kit): void {
  const command = group
    .command('show')
    .argument('<id>', 'as `parlance campaign list` shows it')
    .description(
      'One campaign: its text, how far it has come, its rate, and the time that is left.',
    )
    .option('--watch', 'stay, with a bar, until it ends or is paused')
    .action(
      storageAction(kit, async (session, { watch }: { watch?: boolean }, id: string) => {
        const { campaign } = await findCampaign(session, id);
        await showCampaign(session, watch ? await watched(session, campaign) : campaign);
      }),
    );
  examples(command, [
    ['parlance campaign show 0199a3c0-…', 'how it is now'],
    ['parlance campaign show 0199a3c0-… --watch', 'with a bar, to its end'],
  ]);
}

async function watched({ gateway, context, print }: Session, first: Campaign): Promise<Campaign> {
  const { clock } = gateway.delivery;
  const line = showLine(context.out, print);
  let campaign = first;
  // The timers of the clock do not keep the process alive.
  const alive = setInterval(() => {}, lookMs);
  while (!hasEnded(campaign.state) && campaign.state !== 'paused' && campaign.state !== 'ready') {
    const seen = campaign;
    line.show(() => `${progressLine(seen, clock.now())}  ${seen.state}`);
    await new Promise<void>((resolve) => {
      clock.after(lookMs, resolve);
    });
    campaign = (await gateway.campaigns.findAny(campaign.id)) ?? campaign;
  }
  clearInterval(alive);
  line.end();
  return campaign;
}
