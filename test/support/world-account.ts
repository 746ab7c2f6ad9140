import type { Account } from '../../src/core/accounts/account.ts';
import type { Caller } from '../../src/core/accounts/authenticate.ts';
import type { NewAccount } from '../../src/core/accounts/owner.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import type { CredentialId } from '../../src/core/ids.ts';
import { fromCredits } from '../../src/core/money.ts';
import type { SenderKind } from '../../src/core/senders/sender.ts';
import type { Country } from '../../src/text/phone-number.ts';

/** What a test says of an account; the rest is filled in. */
export interface AccountWish extends Partial<Omit<NewAccount, 'settings'>> {
  /** Default 1000. */
  credits?: number;
  /** Addresses, their kind by their look; or with a kind. Default `CompanyABC` and `Mobile MSG`. */
  senders?: readonly (string | { address: string; kind: SenderKind })[];
  /** Whose way in it has; default `mobilemessage`. */
  dialect?: string;
  username?: string;
  /** Or the key of an `api_key` or `bearer`. */
  password?: string;
  /** Default `basic`. */
  kind?: 'basic' | 'api_key' | 'bearer';
  /** What the dialect keeps of it. */
  settings?: Record<string, unknown>;
  /** URLs by topic, in the dialect's form. */
  endpoints?: Record<string, string>;
  /** With which the endpoints sign. */
  secret?: string;
  suspended?: boolean;
}

export interface WorldAccount {
  account: Account;
  username: string;
  password: string;
  /** The header of HTTP Basic. */
  authorization: string;
  /** As the core sees him, as of now. */
  caller(): Promise<Caller>;
  /** The balance in credits. */
  credits(): Promise<number>;
  /** How many messages there are of it. */
  messages(): Promise<number>;
}

const country = 'AU' as Country;
const usualSenders = [
  { address: 'CompanyABC', kind: 'alphanumeric' },
  { address: 'Mobile MSG', kind: 'shared' },
] as const;
let accounts = 0;

/** Makes an account with money, senders, a `basic` credential and endpoints. */
export async function buildAccount(gateway: Gateway, wish: AccountWish): Promise<WorldAccount> {
  const number = ++accounts;
  const dialect = wish.dialect ?? 'mobilemessage';
  const username = wish.username ?? `user-${number}`;
  const password = wish.password ?? `pass:word-${number}-éß`;
  const account = await gateway.owner.createAccount({
    name: wish.name ?? `account-${number}`,
    homeCountry: wish.homeCountry ?? country,
    allowedCountries: wish.allowedCountries ?? [country],
    pricePerPart: wish.pricePerPart ?? fromCredits(1),
    refundPolicy: wish.refundPolicy ?? 'unsent',
    duplicateWindowMs: wish.duplicateWindowMs ?? 0,
    settings: wish.settings ? { [dialect]: wish.settings } : {},
    parentId: wish.parentId ?? null,
  });
  const { credits = 1000, senders = usualSenders, endpoints = {}, secret } = wish;
  if (credits !== 0) await gateway.owner.topUp(account.id, fromCredits(credits), null);
  for (const sender of senders) {
    const { address, kind } =
      typeof sender === 'string' ? { address: sender, kind: undefined } : sender;
    await gateway.senders.add(account.id, address, kind ? { kind } : {});
  }
  const { credential } = await gateway.owner.issueCredential(account.id, {
    dialect,
    kind: wish.kind ?? 'basic',
    username,
    secret: password,
  });
  for (const [topic, url] of Object.entries(endpoints)) {
    await gateway.owner.setEndpoint(account.id, {
      form: dialect,
      topic,
      url,
      ...(secret !== undefined && { secret }),
    });
  }
  if (wish.suspended) await gateway.owner.updateAccount({ ...account, status: 'suspended' });
  return {
    account,
    username,
    password,
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    caller: () => callerOf(gateway, account, credential.id),
    credits: async () => ((await gateway.balance(await callerOf(gateway, account))) ?? 0) / 1000,
    messages: async () => {
      const caller = await callerOf(gateway, account);
      return (await gateway.searchMessages(caller, { limit: 1000, offset: 0 })).length;
    },
  };
}

async function callerOf(
  gateway: Gateway,
  { id, name }: Account,
  credentialId = '' as CredentialId,
): Promise<Caller> {
  const view = await gateway.directory.view(id);
  if (!view) throw new Error(`the account ${name} is gone`);
  return { view, credentialId, channel: 'test' };
}
