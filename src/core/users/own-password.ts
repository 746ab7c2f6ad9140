import type { Actor } from '../audit/entry.ts';
import { GatewayError } from '../errors.ts';
import type { UserContext } from './context.ts';
import type { StoredUser } from './user.ts';

/**
 * Before what only the user himself may do: whoever sits at his open session must know his password.
 * @throws GatewayError `forbidden` when it is wrong (he is logged in, and a client must not take it for the end of
 * his session), `too_many_attempts`.
 */
export async function checkOwnPassword(
  { guard, clock }: Pick<UserContext, 'guard' | 'clock'>,
  user: StoredUser,
  password: string,
  { address }: Actor,
): Promise<void> {
  const attempt = { address: address ?? '', name: user.email, now: clock.now() };
  const right = await guard.check(attempt, () =>
    guard.verify(user.password ?? undefined, password),
  );
  if (!right) throw new GatewayError('forbidden', 'The password is wrong.', { field: 'password' });
}
