import type { Command } from 'commander';
import type { CampaignBook } from '../../core/campaigns/campaign-book.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findCampaign, showCampaign } from './present.ts';

/** `parlance campaign pause` */
export function addPause(group: Command, kit: Kit): void {
  addChange(group, kit, 'pause', 'Submit nothing more until it is resumed.');
}

/** `parlance campaign resume` */
export function addResume(group: Command, kit: Kit): void {
  addChange(group, kit, 'resume', 'Go on with a campaign that is paused, where it stopped.');
}

/** `parlance campaign abort` */
export function addAbort(group: Command, kit: Kit): void {
  addChange(group, kit, 'abort', 'End a campaign. What was not submitted never will be.');
}

function addChange(
  group: Command,
  kit: Kit,
  what: keyof Pick<CampaignBook, 'pause' | 'resume' | 'abort'>,
  description: string,
): void {
  const command = group
    .command(what)
    .argument('<id>', 'as `parlance campaign list` shows it')
    .description(description)
    .action(
      storageAction(kit, async (session, _options: object, id: string) => {
        const { campaign, caller } = await findCampaign(session, id);
        const { campaigns } = session.gateway;
        await showCampaign(session, await campaigns[what](caller, campaign.id));
      }),
    );
  examples(command, [[`parlance campaign ${what} 0199a3c0-…`, 'one campaign']]);
}
