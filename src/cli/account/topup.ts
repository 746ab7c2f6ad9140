import type { Command } from 'commander';
import { GatewayError } from '../../core/errors.ts';
import { inCredits, millicredits } from '../../core/money.ts';
import type { Millicredits } from '../../core/money.ts';
import { CliError, usageError } from '../shared/failure.ts';
import { credits } from '../shared/format.ts';
import { examples } from '../shared/help.ts';
import type { Kit } from '../shared/kit.ts';
import { storageAction } from '../shared/kit.ts';
import { findAccount } from '../shared/lookup.ts';
import { parseCredits } from '../shared/parse.ts';

interface TopupOptions {
  note?: string;
  correction?: boolean;
  product?: string;
}

/** `parlance account topup` */
export function addTopup(group: Command, kit: Kit): void {
  const command = group
    .command('topup')
    .argument('<account>', 'its name')
    .argument('<credits>', 'such as 100 or 2.5', parseCredits)
    .description('Give an account credit; with --correction, take some back.')
    .option('--note <text>', 'why; it stands in the ledger')
    .option('--product <code>', 'into the purse of a product that it is offered')
    .option('--correction', 'allow a negative amount')
    .action(
      storageAction(
        kit,
        async (session, options: TopupOptions, name: string, amount: Millicredits) => {
          const { gateway, storage, print } = session;
          if (amount === 0) throw usageError('An amount of 0 changes nothing.');
          if (amount < 0 && !options.correction) {
            throw usageError(
              `A top-up gives credit; to take ${credits(Math.abs(amount))} credits back add --correction.`,
            );
          }
          const account = await findAccount(session, name);
          const { product: code = null } = options;
          const held = async (): Promise<number> => {
            if (code === null) return (await storage.read.accounts.balance(account.id)) ?? 0;
            const products = await gateway.owner.products(account.id);
            return products.find(({ product }) => product.code === code)?.balance ?? 0;
          };
          const owner = code === null ? `'${name}'` : `product '${code}' of '${name}'`;
          try {
            await gateway.owner.topUp(account.id, amount, options.note ?? null, code);
          } catch (error) {
            if (!(error instanceof GatewayError) || error.code !== 'insufficient_credit')
              throw error;
            throw new CliError(
              `${sentence(owner)} has ${credits(await held())} credits: no more than that can be taken back.`,
            );
          }
          const balance = millicredits(await held());
          print.result(
            {
              account: name,
              ...(code !== null && { product: code }),
              amount: inCredits(amount),
              balance: inCredits(balance),
            },
            () => [
              amount > 0
                ? `${sentence(owner)} was given ${credits(amount)} credits and has ${credits(balance)} now.`
                : `${credits(Math.abs(amount))} credits were taken from ${owner}, which has ${credits(balance)} now.`,
            ],
          );
        },
      ),
    );
  examples(command, [
    ['parlance account topup shop 500 --note "invoice 1207"', 'give credit'],
    ['parlance account topup shop 500 --product T', 'into the purse of a product'],
    ['parlance account topup shop -20 --correction --note "typed twice"', 'take some back'],
  ]);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
