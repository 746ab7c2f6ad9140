import type { Command } from 'commander';
import { campaignStates } from '../../core/campaigns/state.ts';
import type { CampaignState } from '../../core/campaigns/state.ts';
import { Option } from 'commander';
import { when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { accountNames, findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';
import { campaignDocument, stateColour } from './present.ts';

interface ListOptions extends PageOptions {
  state?: CampaignState;
}

/** `parlance campaign list` */
export function addList(group: Command, kit: Kit): void {
  const command = paged(group.command('list').argument('[account]', 'only of this account'))
    .description('Campaigns, newest first, and how far they have come.')
    .addOption(new Option('--state <state>', 'only those in it').choices(campaignStates))
    .action(
      storageAction(kit, async (session, options: ListOptions, name?: string) => {
        const { campaigns, delivery } = session.gateway;
        const accountId = name === undefined ? undefined : (await findAccount(session, name)).id;
        const page = await readPage(options, (one) =>
          campaigns.listAll({ ...one, accountId, state: options.state }),
        );
        const nameOf = await accountNames(
          session,
          page.rows.map((campaign) => campaign.accountId),
        );
        const now = delivery.clock.now();
        printPage(session.print, page, {
          item: (campaign) => campaignDocument(campaign, nameOf(campaign.accountId), now),
          columns: [
            { title: 'ID', of: ({ id }) => id },
            { title: 'ACCOUNT', of: (campaign) => nameOf(campaign.accountId) },
            { title: 'NAME', of: (campaign) => campaign.name, most: 30 },
            { title: 'CREATED (UTC)', of: ({ createdAt }) => when(createdAt) },
            { title: 'STATE', of: ({ state }) => state, colour: stateColour },
            { title: 'ROWS', of: ({ rows }) => rows, align: 'right' },
            { title: 'MESSAGES', of: ({ sent }) => sent, align: 'right' },
            { title: 'REFUSED', of: ({ refused, broken }) => refused + broken, align: 'right' },
          ],
          none: 'There are no such campaigns.',
        });
      }),
    );
  examples(command, [
    ['parlance campaign list', 'the newest 50'],
    ['parlance campaign list shop --state paused', 'those of one account that wait for somebody'],
  ]);
}
