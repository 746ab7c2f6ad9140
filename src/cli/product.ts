import type { Command } from 'commander';
import type { Product } from '../core/billing/product.ts';
import type { Millicredits } from '../core/money.ts';
import { inCredits } from '../core/money.ts';
import { credits, iso } from './shared/format.ts';
import { examples } from './shared/help.ts';
import type { Kit } from './shared/kit.ts';
import { storageAction } from './shared/kit.ts';
import { findAccount } from './shared/lookup.ts';
import type { PageOptions } from './shared/pages.ts';
import { paged, pageOf, printPage } from './shared/pages.ts';
import { parsePrice } from './shared/parse.ts';

/** `parlance product …`: classes of traffic with prices and credits of their own. */
export function addProduct(program: Command, kit: Kit): void {
  const group = program
    .command('product')
    .description(
      'Products: classes of traffic that an account is offered at a price, and with credits, of their own.',
    );
  addSet(group, kit);
  addList(group, kit);
  addRemove(group, kit);
}

function addSet(group: Command, kit: Kit): void {
  const command = group
    .command('set')
    .argument('<account>', 'its name')
    .argument('<code>', 'what its clients call it, such as T')
    .description('Offer an account a product, or change its name and price.')
    .option('--name <text>', 'for people; default its code, or as it is')
    .option(
      '--price <credits>',
      'of one part; default as it is, or that of the account',
      parsePrice,
    )
    .action(
      storageAction(
        kit,
        async (
          session,
          options: { name?: string; price?: Millicredits },
          name: string,
          code: string,
        ) => {
          const { owner } = session.gateway;
          const account = await findAccount(session, name);
          const held = await owner.products(account.id);
          const before = held.find(({ product }) => product.code === code)?.product;
          const product = await owner.setProduct(account.id, {
            code,
            name: options.name ?? before?.name ?? code,
            pricePerPart: options.price ?? before?.pricePerPart ?? account.pricePerPart,
          });
          const price = `${credits(product.pricePerPart)} credits a part`;
          session.print.result(productDocument({ product, balance: null }), () => [
            before
              ? `'${name}' has product '${code}' at ${price} now.`
              : `'${name}' is offered product '${code}' at ${price}.`,
          ]);
          if (!before) {
            session.print.remark(
              `Next: \`parlance account topup ${name} <credits> --product ${code}\`.`,
            );
          }
        },
      ),
    );
  examples(command, [
    ['parlance product set shop T --name "Transactional SMS" --price 1.2', 'offer one'],
    ['parlance product set shop T --price 1', 'another price for what is sent from now on'],
  ]);
}

function addList(group: Command, kit: Kit): void {
  const command = group
    .command('list')
    .argument('<account>', 'its name')
    .description('What an account is offered, and what it has of each.');
  paged(command).action(
    storageAction(kit, async (session, options: PageOptions, name: string) => {
      const account = await findAccount(session, name);
      const held = await session.gateway.owner.products(account.id);
      printPage(session.print, pageOf(held, options), {
        item: productDocument,
        columns: [
          { title: 'CODE', of: ({ product }) => product.code },
          { title: 'NAME', of: ({ product }) => product.name, most: 40 },
          {
            title: 'PRICE',
            of: ({ product }) => credits(product.pricePerPart),
            align: 'right',
          },
          { title: 'CREDITS', of: ({ balance }) => credits(balance), align: 'right' },
        ],
        none: `'${name}' has no products: all it sends is paid from its own balance.`,
      });
    }),
  );
  examples(command, [['parlance product list shop', 'prices and credits']]);
}

function addRemove(group: Command, kit: Kit): void {
  const command = group
    .command('remove')
    .argument('<account>', 'its name')
    .argument('<code>', 'of the product')
    .description(
      'Offer a product no more. Its credits stay, and are there again when it is offered again.',
    )
    .action(
      storageAction(kit, async (session, _options: object, name: string, code: string) => {
        const account = await findAccount(session, name);
        await session.gateway.owner.removeProduct(account.id, code);
        session.print.result({ account: name, code, removed: true }, () => [
          `'${name}' is not offered product '${code}' any more: such messages are paid from its own balance.`,
        ]);
      }),
    );
  examples(command, [['parlance product remove shop T', 'at the account’s own price from now on']]);
}

function productDocument({ product, balance }: { product: Product; balance: Millicredits | null }) {
  return {
    code: product.code,
    name: product.name,
    pricePerPart: inCredits(product.pricePerPart),
    ...(balance !== null && { balance: inCredits(balance) }),
    createdAt: iso(product.createdAt),
  };
}
