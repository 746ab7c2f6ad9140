import type { Command } from 'commander';
import type { LedgerEntry } from '../../core/billing/ledger.ts';
import type { ProductId } from '../../core/ids.ts';
import { inCredits } from '../../core/money.ts';
import { credits, iso, when } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import type { PageOptions } from '../shared/pages.ts';
import { paged, printPage, readPage } from '../shared/pages.ts';

/** `parlance account ledger` */
export function addLedger(group: Command, kit: Kit): void {
  const command = paged(group.command('ledger').argument('<account>', 'its name'))
    .description('Where an account’s credit came from and went to, newest first.')
    .action(
      storageAction(kit, async (session, options: PageOptions, name: string) => {
        const account = await findAccount(session, name);
        const page = await readPage(options, (one) =>
          session.storage.read.ledger.list(account.id, one),
        );
        const products = await session.gateway.owner.products(account.id);
        const codes = new Map(products.map(({ product }) => [product.id, product.code]));
        printPage(session.print, page, {
          item: (entry) => entryDocument(entry, codes),
          columns: [
            { title: 'TIME (UTC)', of: ({ at }) => when(at) },
            { title: 'KIND', of: ({ kind }) => kind },
            {
              title: 'CREDITS',
              of: ({ amount }) => (amount > 0 ? `+${credits(amount)}` : credits(amount)),
              align: 'right',
            },
            {
              title: 'FOR',
              of: ({ messageId, submissionId }) =>
                messageId ? `message ${messageId}` : submissionId && `submission ${submissionId}`,
            },
            ...(codes.size > 0
              ? [
                  {
                    title: 'PRODUCT',
                    of: ({ productId }: LedgerEntry) =>
                      productId && (codes.get(productId) ?? 'removed'),
                  },
                ]
              : []),
            { title: 'NOTE', of: ({ note }) => note, most: 60 },
          ],
          none: `No credit of '${name}' has moved yet.`,
        });
      }),
    );
  examples(command, [['parlance account ledger shop --limit 10', 'the last ten movements']]);
}

function entryDocument(entry: LedgerEntry, codes: ReadonlyMap<ProductId, string>) {
  return {
    id: entry.id,
    at: iso(entry.at),
    kind: entry.kind,
    amount: inCredits(entry.amount),
    product: entry.productId && (codes.get(entry.productId) ?? null),
    submissionId: entry.submissionId,
    messageId: entry.messageId,
    note: entry.note,
    order: entry.orderRef,
  };
}
