import type { Credential } from '../../core/accounts/account.ts';
import { isNamed } from '../../core/accounts/account.ts';
import type { AuditEntry } from '../../core/audit/entry.ts';
import type { User } from '../../core/users/user.ts';

const iso = (instant: number | null): string | null =>
  instant === null ? null : new Date(instant).toISOString();

export function presentUser(user: User) {
  const { id, email, name, role, status } = user;
  return {
    id,
    email,
    name,
    role,
    status,
    twoFactor: user.twoFactorSince !== null,
    createdAt: iso(user.createdAt),
    lastLoginAt: iso(user.lastLoginAt),
  };
}

/** Without its secret, which nobody can read again. */
export function presentToken(credential: Credential) {
  const { id, dialect, kind, label, lookup, settings } = credential;
  return {
    id,
    api: dialect,
    kind,
    label,
    username: isNamed(kind) ? lookup : null,
    allow: Array.isArray(settings['allow']) ? settings['allow'] : null,
    createdAt: iso(credential.createdAt),
    revokedAt: iso(credential.revokedAt),
  };
}

export function presentEntry({ id, at, action, subject, actor, details, accountId }: AuditEntry) {
  return { id, at: iso(at), action, subject, accountId, actor, details };
}
