import { didYouMean } from '../../config/did-you-mean.ts';
import type { Account } from '../../core/accounts/account.ts';
import type { AccountId } from '../../core/ids.ts';
import type { Dialect } from '../../dialects/dialect.ts';
import type { WayIn } from '../context.ts';
import { CliError, usageError } from './failure.ts';
import type { Session } from './kit.ts';

/** How many names are looked at for one that may have been meant. */
const namesLookedAt = 1000;

/** The account of this name. @throws CliError with the name that was probably meant. */
export async function findAccount(session: Session, name: string): Promise<Account> {
  const { accounts } = session.storage.read;
  const account = await accounts.findByName(name);
  if (account) return account;
  const others = await accounts.list({ limit: namesLookedAt, offset: 0 });
  if (others.length === 0) {
    throw new CliError(
      `There is no account '${name}', nor any other: make one with \`parlance account create ${name}\`.`,
    );
  }
  const names = others.map((other) => other.name);
  throw new CliError(
    `There is no account '${name}'${didYouMean(name, names) || ': see `parlance account list`.'}`,
  );
}

/** Takes ids of accounts; gives what finds the name of each. */
export async function accountNames(
  session: Session,
  ids: readonly AccountId[],
): Promise<(id: AccountId) => string> {
  const { accounts } = session.storage.read;
  const names = new Map<AccountId, string>();
  for (const id of new Set(ids)) names.set(id, (await accounts.find(id))?.name ?? id);
  return (id) => names.get(id) ?? id;
}

/**
 * The dialect of this name; where there is only one it need not be named.
 * @throws CliError that names those there are.
 */
export function findDialect(session: Session, name: string | undefined): Dialect {
  const { dialects } = session.context;
  const names = dialects.map((dialect) => dialect.name);
  if (name === undefined) {
    const [only, second] = dialects;
    if (only && !second) return only;
    throw usageError(`Say which API it is for with --dialect: ${names.join(', ')}.`);
  }
  const dialect = dialects.find((one) => one.name === name);
  if (dialect) return dialect;
  throw usageError(noSuch(`There is no dialect '${name}'`, name, names));
}

/**
 * The way in of this name; where there is only one dialect it need not be named.
 * @throws CliError that names those there are.
 */
export function findWayIn(session: Session, name: string | undefined): WayIn {
  const { waysIn } = session.context;
  if (name === undefined) return findDialect(session, name);
  const wayIn = waysIn.find((one) => one.name === name);
  if (wayIn) return wayIn;
  const names = waysIn.map((one) => one.name);
  throw usageError(noSuch(`There is no dialect '${name}'`, name, names));
}

/** A complaint about a name that is not one of those there are, with the one that was meant, or all. */
export function noSuch(complaint: string, written: string, names: readonly string[]): string {
  if (names.length === 0) return `${complaint}, nor any other.`;
  return `${complaint}${didYouMean(written, names) || `; there is ${names.join(', ')}.`}`;
}
