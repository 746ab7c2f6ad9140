import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { fromCredits } from '../src/core/money.ts';
import { composition } from '../src/main.ts';
import type { StoragePlace } from '../src/storage/engines/index.ts';
import type { Country } from '../src/text/phone-number.ts';
import type { Running } from './process.ts';
import { startProgram } from './process.ts';
import type { Stage } from './stage.ts';

const main = path.join(import.meta.dirname, '../src/main.ts');
const password = 'a password of the benchmark';
const plenty = fromCredits(1_000_000_000);

/** Where messages are posted. */
export const api = '/mobilemessage/v1/messages';

/** Customers who share the 32 connections, where nothing else is said. */
const customers = 8;
/** What each may have under way at once: all connections may be one customer's. */
const requestsInFlight = 32;

/** The header of HTTP Basic for a connection, by its number. */
export const authorizationOf = (connection: number, of = customers): string =>
  `Basic ${Buffer.from(`bench-${connection % of}:${password}`).toString('base64')}`;

/** How the nodes of a gateway are run. */
export interface Plan {
  /** How many nodes; more than one only on PostgreSQL. */
  nodes?: number;
  /** `api` to measure accepting alone, all of them to measure it with delivery beside it. */
  roles: string;
  /** Where the accounts are told what became of their messages. */
  webhook?: string;
  /** Other settings, by their keys. */
  settings?: Record<string, string>;
  /** Flags of the runtime, to look into it. */
  runtime?: readonly string[];
}

/** A gateway as its users run it, with accounts that have more credit than a benchmark can use up. */
export async function startGateway(
  stage: Stage,
  { data, storage }: StoragePlace,
  { nodes = 1, roles, webhook, settings = {}, runtime = [] }: Plan,
): Promise<Running[]> {
  // Nodes of one database share the key, and each has a folder of its own.
  const shared = { storage, 'security.key': randomBytes(32).toString('base64') };
  await makeAccounts({ data, ...shared }, webhook);
  const folders = [data];
  while (folders.length < nodes) folders.push(await stage.folder());
  const set = Object.entries({ ...shared, ...settings }).flatMap(([key, value]) => [
    '--set',
    `${key}=${value}`,
  ]);
  const serve = [...runtime, main, 'serve', '--port', '0', '--roles', roles, ...set];
  return Promise.all(folders.map((folder) => startProgram(stage, [...serve, '--data', folder])));
}

async function makeAccounts(
  flags: Readonly<Record<string, string>>,
  webhook: string | undefined,
): Promise<void> {
  const config = composition.config({ flags });
  await composition.migrate(config);
  const { gateway, close } = await composition.open(config);
  const home = 'AU' as Country;
  for (let number = 0; number < customers; number++) {
    const account = await gateway.owner.createAccount({
      name: `bench-${number}`,
      homeCountry: home,
      allowedCountries: [home],
      pricePerPart: fromCredits(1),
      refundPolicy: 'unsent',
      duplicateWindowMs: 0,
      settings: { mobilemessage: { requestsInFlight } },
    });
    await gateway.owner.topUp(account.id, plenty, 'benchmark');
    await gateway.senders.add(account.id, 'CompanyABC');
    await gateway.owner.issueCredential(account.id, {
      dialect: 'mobilemessage',
      kind: 'basic',
      username: `bench-${number}`,
      secret: password,
    });
    if (webhook !== undefined) {
      const wanted = { form: 'mobilemessage', topic: 'status', url: webhook };
      await gateway.owner.setEndpoint(account.id, wanted);
    }
  }
  await close();
}
