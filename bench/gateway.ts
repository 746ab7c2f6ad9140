import path from 'node:path';
import { fromCredits } from '../src/core/money.ts';
import { composition } from '../src/main.ts';
import type { Country } from '../src/text/phone-number.ts';
import type { Running } from './process.ts';
import { startProgram } from './process.ts';

const main = path.join(import.meta.dirname, '../src/main.ts');
const password = 'a password of the benchmark';
const plenty = fromCredits(1_000_000_000);

/**
 * So many accounts share the 32 connections: the API allows each five requests in flight, and four is
 * what a careful client uses.
 */
const accounts = 8;

/** The header of HTTP Basic for one of the accounts. */
export const authorizationOf = (account: number): string =>
  `Basic ${Buffer.from(`bench-${account % accounts}:${password}`).toString('base64')}`;

/**
 * A gateway as its users run it, with accounts that have more credit than a benchmark can use up.
 * @param roles `api` to measure accepting alone, all of them to measure it with delivery beside it.
 */
export async function startGateway(folder: string, roles: string): Promise<Running> {
  await makeAccounts(folder);
  return startProgram([main, 'serve', '--port', '0', '--roles', roles, '--data', folder]);
}

async function makeAccounts(folder: string): Promise<void> {
  const config = composition.config({ flags: { data: folder } });
  await composition.migrate(config);
  const { gateway, close } = await composition.open(config);
  const home = 'AU' as Country;
  for (let number = 0; number < accounts; number++) {
    const account = await gateway.owner.createAccount({
      name: `bench-${number}`,
      homeCountry: home,
      allowedCountries: [home],
      pricePerPart: fromCredits(1),
      refundPolicy: 'unsent',
      duplicateWindowMs: 0,
      settings: {},
    });
    await gateway.owner.topUp(account.id, plenty, 'benchmark');
    await gateway.senders.add(account.id, 'CompanyABC');
    await gateway.owner.issueCredential(account.id, {
      dialect: 'mobilemessage',
      kind: 'basic',
      username: `bench-${number}`,
      secret: password,
    });
  }
  await close();
}
