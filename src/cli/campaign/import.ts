import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { Campaign } from '../../core/campaigns/campaign.ts';
import { bar } from '../migrate/progress.ts';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { showLine } from './line.ts';
import { findCampaign, showCampaign } from './present.ts';

/** `parlance campaign import` */
export function addImport(group: Command, kit: Kit): void {
  const command = group
    .command('import')
    .argument('<id>', 'as `parlance campaign list` shows it')
    .argument('<file>', 'the very file that it was created with')
    .description('Go on with an import that was cut off, where it stopped.')
    .action(
      storageAction(kit, async (session, _options: object, id: string, file: string) => {
        const { campaign, caller } = await findCampaign(session, id);
        const ready = await importFile(session, caller, campaign, file);
        await showCampaign(session, ready);
        sayImported(session, ready);
      }),
    );
  examples(command, [['parlance campaign import 0199a3c0-… sale.csv', 'after a crash']]);
}

/** Reads a file into a campaign, with a bar of how much of it was read. */
export async function importFile(
  { gateway, context, print }: Session,
  caller: Caller,
  campaign: Campaign,
  file: string,
): Promise<Campaign> {
  const { size } = await stat(file);
  const line = showLine(context.out, print);
  let read = 0;
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of createReadStream(file)) {
      read += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  };
  try {
    return await gateway.campaigns.import(caller, campaign.id, bytes(), {
      onProgress: ({ rows }) =>
        line.show(() => `${bar(size === 0 ? 1 : read / size)}  ${rows} rows read`),
    });
  } finally {
    line.end();
  }
}

export function sayImported({ print }: Session, { id, broken }: Campaign): void {
  if (broken === 0) return;
  print.remark(
    `${count(broken, 'row')} could not be read: see them with \`parlance campaign errors ${id}\`.`,
  );
}
