import type { Command } from 'commander';
import { millicredits } from '../../core/money.ts';
import { exitCodes } from '../shared/failure.ts';
import { credits } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { collect, wholeNumber } from '../shared/parse.ts';
import { findCampaign } from './present.ts';

/** `parlance campaign test` */
export function addTest(group: Command, kit: Kit): void {
  const command = group
    .command('test')
    .argument('<id>', 'as `parlance campaign list` shows it')
    .description('Send what one of its rows would get to other numbers, at their price.')
    .requiredOption('--to <number>', 'destination; repeatable', collect(String))
    .option('--row <row>', 'which of the rows that wait', wholeNumber(1, 5_000_000), 1)
    .action(
      storageAction(kit, async (session, options: { to: string[]; row: number }, id: string) => {
        const { print, gateway } = session;
        const { campaign, caller } = await findCampaign(session, id);
        const verdicts = await gateway.campaigns.test(caller, campaign.id, options);
        const rows = verdicts.map((verdict, at) => ({ to: options.to[at] ?? '', verdict }));
        const document = {
          items: rows.map(({ to, verdict }) => ({
            to: verdict.message?.destination ?? to,
            messageId: verdict.message?.id ?? null,
            text: verdict.message?.text ?? null,
            error: verdict.ok ? null : verdict.error,
          })),
        };
        print.result(document, () =>
          print.table(rows, [
            { title: 'TO', of: ({ to, verdict }) => verdict.message?.destination ?? to },
            {
              title: 'PRICE',
              of: ({ verdict }) => credits(verdict.ok ? verdict.message.price : millicredits(0)),
              align: 'right',
            },
            {
              title: 'TEXT',
              of: ({ verdict }) => (verdict.ok ? verdict.message.text : verdict.error.detail),
              most: 100,
            },
          ]),
        );
        return verdicts.every(({ ok }) => ok) ? exitCodes.fine : exitCodes.failed;
      }),
    );
  examples(command, [
    ['parlance campaign test 0199a3c0-… --to 0412345678', 'its first row, to yourself'],
  ]);
}
