import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { count } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { wholeNumber } from '../shared/parse.ts';
import { findCampaign } from './present.ts';

interface ErrorOptions {
  out?: string;
  after: number;
  limit: number;
}

/** `parlance campaign errors` */
export function addErrors(group: Command, kit: Kit): void {
  const command = group
    .command('errors')
    .argument('<id>', 'as `parlance campaign list` shows it')
    .description('The lines of its file that were not sent, and why.')
    .option('--out <file>', 'write all of them into a CSV file')
    .option('--after <line>', 'those after this line', wholeNumber(0, 1_000_000_000), 0)
    .option('--limit <rows>', 'how many at most', wholeNumber(1, 1_000), 50)
    .action(
      storageAction(kit, async (session, options: ErrorOptions, id: string) => {
        const { print, gateway } = session;
        const { campaign, caller } = await findCampaign(session, id);
        const all = campaign.broken + campaign.refused;
        if (options.out !== undefined) {
          const lines = gateway.campaigns.errorFile(caller, campaign.id);
          await writeLines(options.out, lines);
          print.result({ file: options.out, rows: all }, () => [
            `${options.out} has ${count(all, 'line')} that were not sent.`,
          ]);
          return;
        }
        const { after, limit } = options;
        const errors = await gateway.campaigns.errors(caller, campaign.id, { after, limit });
        const last = errors.at(-1)?.line ?? after;
        print.result({ items: errors, after, limit, total: all }, () =>
          print.table(errors, [
            { title: 'LINE', of: ({ line }) => line, align: 'right' },
            { title: 'NUMBER', of: ({ number }) => number },
            { title: 'REASON', of: ({ code }) => code },
            { title: 'DETAIL', of: ({ detail }) => detail, most: 80 },
          ]),
        );
        if (errors.length === 0) print.remark('No line was refused.');
        else if (errors.length === limit) print.remark(`There may be more: add --after ${last}.`);
      }),
    );
  examples(command, [
    ['parlance campaign errors 0199a3c0-…', 'the first 50'],
    ['parlance campaign errors 0199a3c0-… --out errors.csv', 'all of them, to mend and send again'],
  ]);
}

async function writeLines(file: string, lines: AsyncIterable<string>): Promise<void> {
  const stream = createWriteStream(file, { mode: 0o600 });
  await once(stream, 'open');
  for await (const some of lines) if (!stream.write(some)) await once(stream, 'drain');
  stream.end();
  await finished(stream);
}
