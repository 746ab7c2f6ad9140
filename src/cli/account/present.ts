import type { Account } from '../../core/accounts/account.ts';
import { shortensAlways } from '../../core/links/always.ts';
import { inCredits } from '../../core/money.ts';
import type { Millicredits } from '../../core/money.ts';
import { iso } from '../shared/format.ts';
import type { Session } from '../shared/kit.ts';

/** An account with its money. */
export interface AccountWithBalance {
  account: Account;
  balance: Millicredits | undefined;
}

/** Reads the balances of accounts. */
export async function withBalances(
  { storage }: Session,
  accounts: readonly Account[],
): Promise<AccountWithBalance[]> {
  return Promise.all(
    accounts.map(async (account) => ({
      account,
      balance: await storage.read.accounts.balance(account.id),
    })),
  );
}

/** An account for programs; money in credits. */
export function accountDocument({ account, balance }: AccountWithBalance) {
  return {
    id: account.id,
    parentId: account.parentId,
    name: account.name,
    status: account.status,
    balance: balance === undefined ? null : inCredits(balance),
    homeCountry: account.homeCountry,
    allowedCountries: account.allowedCountries,
    pricePerPart: inCredits(account.pricePerPart),
    refund: account.refundPolicy,
    duplicateWindowSeconds: account.duplicateWindowMs / 1000,
    shortenLinks: shortensAlways(account),
    settings: account.settings,
    createdAt: iso(account.createdAt),
  };
}
