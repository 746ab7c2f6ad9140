import type { AccountId, UserId } from '../ids.ts';
import type { Role } from './roles.ts';

/**
 * A person who logs in to the console, for one account or for the owner of the gateway.
 *
 * ```
 * invited ──activates──▶ active ⇄ suspended          each of them may be removed
 * ```
 *
 * - `invited`: has no password and cannot log in. Several accounts may invite one address.
 * - `active`: has a password. An address belongs to one user that is not `invited`, and whoever comes second is told
 *   so when he activates, which takes his mailbox: so who invites an address learns nothing of it.
 * - `suspended`: as active, but refused; its sessions have ended.
 */
export interface User {
  id: UserId;
  /** Null: the owner's own, who may act for every account. */
  accountId: AccountId | null;
  /** In lower case. */
  email: string;
  name: string;
  role: Role;
  status: UserStatus;
  createdAt: number;
  lastLoginAt: number | null;
  /** Since when a second factor is asked for; null: it is not. */
  twoFactorSince: number | null;
}

export const userStatuses = ['invited', 'active', 'suspended'] as const;
export type UserStatus = (typeof userStatuses)[number];

/** The same with what nobody is shown. */
export interface StoredUser extends User {
  /** argon2id; null as long as he is invited. */
  password: string | null;
  /** The sealed secret of his authenticator; with `twoFactorSince` null it waits for its first code. */
  totp: string | null;
  /** The last time step whose code was taken: neither it nor an older one is taken again. */
  totpStep: number;
  /** Digests of the codes for the day on which the authenticator is lost; each is good once. */
  recoveryCodes: readonly string[];
}

/** What a user is, without what nobody is shown. */
export function shown(user: StoredUser): User {
  const { password: _p, totp: _t, totpStep: _s, recoveryCodes: _r, ...rest } = user;
  return rest;
}

/** What came by mail and lets its bearer choose a password, once. */
export interface UserToken {
  /** SHA-256 of it. */
  digest: string;
  userId: UserId;
  purpose: 'activation' | 'reset';
  expiresAt: number;
}

/**
 * A log-in. `code`: the password was right, and the second factor is still asked for; nothing else can be done
 * with it.
 */
export interface UserSession {
  /** SHA-256 of what the cookie holds. */
  digest: string;
  userId: UserId;
  stage: 'code' | 'full';
  createdAt: number;
  seenAt: number;
  /** When it ends unless it is used again. */
  expiresAt: number;
  /** When it ends in any case. */
  endsAt: number;
  address: string | null;
}
