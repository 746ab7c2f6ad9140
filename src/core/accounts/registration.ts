import type { Clock } from '../ports/clock.ts';
import type { Rate } from '../ports/storage.ts';
import { requireAllowed } from '../rates.ts';
import type { UserBook } from '../users/user-book.ts';
import type { Account } from './account.ts';
import type { Caller } from './authenticate.ts';
import type { Owner } from './owner.ts';

/** Of one caller: each writes to an address that he chooses, and no account is ever deleted. */
const registrations: Rate = { most: 100, windowMs: 24 * 3_600_000 };

/**
 * Makes an account under the caller's, with what that one may do, and somebody who is asked by mail to log in to it: both
 * or neither.
 * @throws GatewayError `already_exists` when the name is taken, `invalid_request` for a name or address that cannot be,
 * `too_many_attempts` for an address that is asked again and again, and for a caller with a hundred of them in a day.
 */
export async function register(
  { owner, book, clock }: { owner: Owner; book: UserBook; clock: Clock },
  caller: Caller,
  { name, email }: { name: string; email: string },
): Promise<Account> {
  const { id, homeCountry, allowedCountries, pricePerPart, ...more } = caller.view.account;
  const actor = {
    kind: 'client',
    id: caller.credentialId,
    name: more.name,
    address: null,
  } as const;
  const invite = await book.invitation({ actor, role: 'owner' }, id, {
    email,
    name,
    role: 'owner',
  });
  return owner.as(actor).createAccount(
    {
      name,
      parentId: id,
      homeCountry,
      allowedCountries,
      pricePerPart,
      refundPolicy: more.refundPolicy,
      duplicateWindowMs: more.duplicateWindowMs,
      settings: {},
    },
    async (tx, made) => {
      const wait = await tx.rates.take(`registrations ${id}`, registrations, clock.now());
      requireAllowed(wait, 'Too many registrations. Please wait.');
      await invite(tx, made.id);
    },
  );
}
