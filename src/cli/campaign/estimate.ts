import type { Command } from 'commander';
import { inCredits, millicredits } from '../../core/money.ts';
import { bar } from '../migrate/progress.ts';
import { count, credits } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { showLine } from './line.ts';
import { findCampaign } from './present.ts';

/** `parlance campaign estimate` */
export function addEstimate(group: Command, kit: Kit): void {
  const command = group
    .command('estimate')
    .argument('<id>', 'as `parlance campaign list` shows it')
    .description('A dry run: what its rows would come to now, and what would be refused.')
    .action(
      storageAction(kit, async (session, _options: object, id: string) => {
        const { print, gateway, context } = session;
        const { campaign, caller } = await findCampaign(session, id);
        const rows = campaign.stored - campaign.cursor;
        const line = showLine(context.out, print);
        const estimate = await gateway.campaigns.estimate(caller, campaign.id, (done) =>
          line.show(() => `${bar(rows === 0 ? 1 : done / rows)}  ${done}/${rows} rows`),
        );
        line.end();
        const { messages, parts, price, refused, broken } = estimate;
        const balance = (await gateway.balance(caller)) ?? millicredits(0);
        const document = { ...estimate, price: inCredits(price), balance: inCredits(balance) };
        print.result(document, () => [
          ...print.fields([
            ['rows', count(rows, 'row')],
            ['messages', `${messages} of ${parts} parts`],
            ['price', credits(price)],
            ['balance', credits(balance)],
            [
              'broken',
              broken === 0 ? null : `${count(broken, 'row')} of the file could not be read`,
            ],
          ]),
          ...(refused.length === 0
            ? []
            : [
                '',
                ...print.table(refused, [
                  { title: 'REFUSED', of: (one) => one.rows, align: 'right' },
                  { title: 'REASON', of: ({ code }) => code },
                  { title: 'FIRST LINE', of: (one) => one.line, align: 'right' },
                  { title: 'DETAIL', of: ({ detail }) => detail, most: 80 },
                ]),
              ]),
        ]);
        if (price > balance && campaign.product === null) {
          print.remark('The balance is too small: it would be paused where the credit is used up.');
        }
      }),
    );
  examples(command, [['parlance campaign estimate 0199a3c0-…', 'before it is started']]);
}
