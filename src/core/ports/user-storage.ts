import type { AuditEntry } from '../audit/entry.ts';
import type { AccountId, AuditId, MailId, NodeId, UserId } from '../ids.ts';
import type { OutgoingMail } from '../mail/outgoing-mail.ts';
import type { StoredUser, UserSession, UserToken } from '../users/user.ts';

/** What is kept of users, of mail to them, and of what was changed by whom: parts of `Reads` and `Tx`. */

export interface UserReads {
  find(id: UserId): Promise<StoredUser | undefined>;
  /** Whoever has the address and is not `invited`. */
  findActivated(email: string): Promise<StoredUser | undefined>;
  /** Who is invited under an address, the newest first: several accounts may invite it. */
  invited(email: string, limit: number): Promise<StoredUser[]>;
  /** Of an account, or (null) of the owner; by address. */
  list(accountId: AccountId | null, page: { limit: number; offset: number }): Promise<StoredUser[]>;
  /** Whosever they are; by address: for the owner's tools. */
  all(page: { limit: number; offset: number }): Promise<StoredUser[]>;
  token(digest: string): Promise<UserToken | undefined>;
  /** A log-in with its user. */
  session(digest: string): Promise<{ session: UserSession; user: StoredUser } | undefined>;
}

export interface UserTx {
  /** @throws GatewayError `already_exists` when the account has a user of this address. */
  insert(user: StoredUser): Promise<void>;
  /** The row as it is, which nobody else changes until the commit. */
  lock(id: UserId): Promise<StoredUser | undefined>;
  /** The active owners of an account, or (null) of the gateway's owner, likewise locked. */
  lockOwners(accountId: AccountId | null): Promise<StoredUser[]>;
  count(accountId: AccountId | null): Promise<number>;
  /** Writes what changes in a user's life. */
  save(user: StoredUser): Promise<void>;
  /** `invited` no more. @returns false when another user has the address by now. */
  activate(user: StoredUser): Promise<boolean>;
  /** With all his tokens and sessions. */
  remove(id: UserId): Promise<boolean>;
  insertToken(token: UserToken): Promise<void>;
  /** Whoever takes it has it, and nobody after him. */
  takeToken(digest: string): Promise<UserToken | undefined>;
  dropTokens(userId: UserId): Promise<void>;
  insertSession(session: UserSession): Promise<void>;
  /** Writes when it was seen and when it ends. */
  touchSession(session: Pick<UserSession, 'digest' | 'seenAt' | 'expiresAt'>): Promise<void>;
  /** @returns false when it had ended. */
  dropSession(digest: string): Promise<boolean>;
  /** All of a user's but the one that is named. @returns how many. */
  dropSessions(userId: UserId, except?: string): Promise<number>;
}

export interface MailReads {
  find(id: MailId): Promise<OutgoingMail | undefined>;
  /** Is there one to be claimed? A claim writes, and mostly there is nothing. */
  isDue(now: number): Promise<boolean>;
}

export interface MailTx {
  insert(mail: OutgoingMail): Promise<void>;
  /** Takes those that are due under a lease, the oldest first. */
  claim(claim: {
    nodeId: NodeId;
    now: number;
    leaseUntil: number;
    limit: number;
  }): Promise<OutgoingMail[]>;
  /** Writes what a try came to, where this node still has it. */
  finish(mail: OutgoingMail, nodeId: NodeId): Promise<void>;
}

export interface AuditReads {
  /** Newest first; of one account, or of all. `before`: those older than this one. */
  list(search: {
    accountId?: AccountId | undefined;
    before?: AuditId | undefined;
    limit: number;
  }): Promise<AuditEntry[]>;
}

export interface AuditTx {
  insert(entry: AuditEntry): Promise<void>;
}
