import type { Actor } from '../../core/audit/entry.ts';
import type { User } from '../../core/users/user.ts';
import type { Manager } from '../../core/users/user-book.ts';
import type { Session } from '../shared/kit.ts';
import { accountNames } from '../shared/lookup.ts';

/** Who sits at the command line: he may what the highest role may. */
export function commander({ gateway }: Session): Manager {
  const actor: Actor = gateway.owner.actor;
  return { actor, role: 'owner' };
}

/** The name of a user's account; null for one of the owner's. */
export async function accountOf(session: Session, { accountId }: User): Promise<string | null> {
  if (accountId === null) return null;
  return (await accountNames(session, [accountId]))(accountId);
}
