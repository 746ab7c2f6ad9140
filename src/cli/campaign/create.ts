import { access } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { requireStart } from '../../core/campaigns/definition.ts';
import type { Campaign } from '../../core/campaigns/campaign.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { collect } from '../shared/parse.ts';
import { importFile, sayImported } from './import.ts';
import { showCampaign } from './present.ts';
import type { StartOptions } from './start.ts';
import { startOf, startOptions } from './start.ts';

interface CreateOptions extends StartOptions {
  sender: string;
  text: string;
  name?: string;
  column?: string;
  header: boolean;
  quick?: boolean;
  product?: string;
  tag?: string[];
  shorten?: boolean;
  start?: boolean;
}

/** `parlance campaign create` */
export function addCreate(group: Command, kit: Kit): void {
  const command = group
    .command('create')
    .argument('<account>', 'its name')
    .argument('<file>', 'CSV or XLSX, with a row for each recipient')
    .summary('Make a campaign of a file.')
    .description(
      'Make a campaign of a file. Its rows are read and kept; they are sent when it is started, by a serving process.',
    )
    .requiredOption('--sender <address>', 'one of the account’s senders')
    .requiredOption('--text <text>', 'the message, with {{column}} where a row’s own words go')
    .option('--name <name>', 'for people (default: the file’s name)')
    .option('--column <name>', 'the column with the numbers (default: to, mobile, number, phone …)')
    .option('--no-header', 'the first row is a recipient; columns are called 1, 2, 3 …')
    .option('--quick', 'a quick campaign, of fewer rows')
    .option('--product <product>', 'a class of traffic that rules may ask for')
    .option('--tag <tag>', 'an opt-out tag; repeatable', collect(String))
    .option('--shorten', 'make its URLs short links')
    .option('--start', 'start it as soon as it is read');
  startOptions(command).action(
    storageAction(kit, async (session, options: CreateOptions, name: string, file: string) => {
      const account = await findAccount(session, name);
      // Before there is a campaign that waits for it.
      await access(file);
      const start = startOf(options);
      const { campaigns, owner, delivery } = session.gateway;
      requireStart(start, campaigns.limits, delivery.clock.now());
      const caller = await owner.actAs(account.id);
      const begun = await campaigns.create(caller, {
        name: options.name ?? path.basename(file),
        kind: options.quick ? 'quick' : 'bulk',
        sender: options.sender,
        text: options.text,
        product: options.product,
        tags: options.tag,
        shorten: options.shorten,
        header: options.header,
        column: options.column,
      });
      session.print.remark(`Reading ${file} into campaign ${begun.id} …`);
      let campaign: Campaign = await importFile(session, caller, begun, file);
      if (options.start || options.at !== undefined) {
        campaign = await campaigns.start(caller, begun.id, start);
      }
      await showCampaign(session, campaign);
      sayImported(session, campaign);
      if (campaign.state === 'ready') {
        session.print.remark(
          `Look at it with \`parlance campaign estimate ${begun.id}\`, send it with \`parlance campaign start ${begun.id}\`.`,
        );
      }
    }),
  );
  examples(command, [
    [
      'parlance campaign create shop sale.csv --sender CompanyABC --text "Hello {{name}}, sale now"',
      'read a file',
    ],
    [
      'parlance campaign create shop sale.xlsx --sender CompanyABC --text "Sale" --start --batch 10000 --every 10m',
      'and send it, 10000 rows every ten minutes',
    ],
  ]);
}
