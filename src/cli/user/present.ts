import type { User } from '../../core/users/user.ts';
import { iso } from '../shared/format.ts';

/** For programs. @param account its name; null for one of the owner's. */
export function userDocument(user: User, account: string | null) {
  const { id, email, name, role, status } = user;
  return {
    id,
    account,
    email,
    name,
    role,
    status,
    twoFactorSince: iso(user.twoFactorSince),
    createdAt: iso(user.createdAt),
    lastLoginAt: iso(user.lastLoginAt),
  };
}
