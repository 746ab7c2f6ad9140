import type { Command } from 'commander';
import { turnoverOf } from '../../core/billing/turnover.ts';
import type { Turnover } from '../../core/ports/storage.ts';
import { usageError } from '../shared/failure.ts';
import { count, credits } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit, Session } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, pageOf, printPage } from '../shared/pages.ts';
import { parseDayOrWhen, parseSince } from '../shared/parse.ts';

interface MarginOptions extends PageOptions {
  since: Since;
  until?: number;
  account?: string;
}

type Since = ReturnType<typeof parseSince>;

interface Row extends Turnover {
  account: string;
}

const longestMs = 366 * 86_400_000;

/** `parlance route margin` */
export function addMargin(group: Command, kit: Kit): void {
  const command = paged(group.command('margin'))
    .summary('What messages brought in and what they cost, by account and link.')
    .description(
      'What messages brought in and what they cost, by account and link: those that were accepted in the ' +
        'time asked for and are sent or done. Costs are those of the routes at the time, of what the ' +
        'network took; what nobody gave a cost is counted apart.',
    )
    .option('--since <time>', 'from this time on, or so far back: 24h, 7d', parseSince, {
      ago: 86_400_000,
    })
    .option('--until <time>', 'before this time; now by default', parseDayOrWhen)
    .option('--account <name>', 'only this one’s')
    .action(
      storageAction(kit, async (session, options: MarginOptions) => {
        const span = spanOf(options, session.gateway.delivery.clock.now());
        const rows = await rowsOf(session, span, options.account);
        printPage(session.print, pageOf(rows, options), {
          item: rowDocument,
          columns: [
            { title: 'ACCOUNT', of: ({ account }) => account },
            { title: 'LINK', of: ({ linkId }) => linkId },
            { title: 'MESSAGES', of: ({ messages }) => messages, align: 'right' },
            { title: 'PARTS', of: ({ parts }) => parts, align: 'right' },
            { title: 'PRICE', of: ({ price }) => credits(price), align: 'right' },
            { title: 'REFUNDED', of: ({ refunded }) => credits(refunded), align: 'right' },
            { title: 'COST', of: ({ cost }) => credits(cost), align: 'right' },
            {
              title: 'MARGIN',
              of: (row) => credits(marginOf(row)),
              align: 'right',
              colour: (row, paint) => (marginOf(row) < 0 ? paint.bad : paint.none),
            },
          ],
          none: 'No message of that time is sent or done.',
        });
        conclude(rows, (remark) => session.print.remark(remark));
      }),
    );
  examples(command, [
    ['parlance route margin', 'the last 24 hours'],
    ['parlance route margin --since 30d --account shop', 'which links shop’s messages took'],
    [
      'parlance route margin --since 2026-03-01 --until 2026-04-01 --json',
      'March, for a spreadsheet',
    ],
  ]);
}

function spanOf({ since, until }: MarginOptions, now: number): { from: number; until: number } {
  const from = 'at' in since ? since.at : now - since.ago;
  const end = until ?? now + 1;
  if (from >= end) throw usageError('--since must be before --until.');
  if (end - from > longestMs) throw usageError('At most 366 days at once.');
  return { from, until: end };
}

async function rowsOf(
  session: Session,
  span: { from: number; until: number },
  only: string | undefined,
): Promise<Row[]> {
  const { read } = session.storage;
  const wanted = only === undefined ? undefined : (await findAccount(session, only)).id;
  const names = new Map<string, string>();
  const rows: Row[] = [];
  for (const one of await turnoverOf(read.messages, span)) {
    const { accountId } = one;
    if (wanted !== undefined && accountId !== wanted) continue;
    const name = names.get(accountId) ?? (await read.accounts.find(accountId))?.name ?? accountId;
    names.set(accountId, name);
    rows.push({ ...one, account: name });
  }
  return rows.toSorted(
    (a, b) => a.account.localeCompare(b.account) || a.linkId.localeCompare(b.linkId),
  );
}

function conclude(rows: readonly Row[], remark: (text: string) => void): void {
  if (rows.length === 0) return;
  const sum = (of: (row: Row) => number) => rows.reduce((before, row) => before + of(row), 0);
  remark(
    `Together: ${count(
      sum(({ messages }) => messages),
      'message',
    )}, margin ${credits(sum(marginOf))} credits.`,
  );
  const unknown = sum(({ costUnknown }) => costUnknown);
  if (unknown > 0) {
    remark(`Of ${count(unknown, 'message')} the cost is not known: see \`cost\` of the routes.`);
  }
}

function marginOf({ price, refunded, cost }: Turnover): number {
  return price - refunded - cost;
}

function rowDocument(row: Row) {
  return {
    account: row.account,
    link: row.linkId,
    messages: row.messages,
    parts: row.parts,
    price: row.price / 1000,
    refunded: row.refunded / 1000,
    cost: row.cost / 1000,
    costUnknown: row.costUnknown,
    margin: marginOf(row) / 1000,
  };
}
