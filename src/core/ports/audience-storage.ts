import type { E164 } from '../../text/phone-number.ts';
import type {
  Contact,
  ContactGroup,
  ContactImport,
  Identifier,
  IdentifierKind,
  Membership,
} from '../contacts/contact.ts';
import type {
  AccountId,
  ContactGroupId,
  ContactId,
  ContactImportId,
  ScopedOptoutId,
  TemplateId,
  VerificationId,
} from '../ids.ts';
import type { Optout } from '../optouts/optout.ts';
import type { Scope, ScopedOptout } from '../optouts/scope.ts';
import type { Template, TemplateBlock } from '../templates/template.ts';
import type { Verification } from '../verifications/verification.ts';
import type { Page } from './page.ts';

/**
 * What is kept of those who are written to and of what they are written: opt-outs by scope, templates, one-time
 * passwords, contacts. Parts of `Reads` and `Tx`. Whatever an account names by an id is its own, or is not found.
 */

/** An opt-out as a list shows it: one about everything has no id. */
export interface ListedOptout extends Pick<Optout, 'number' | 'source' | 'replyId' | 'createdAt'> {
  id: ScopedOptoutId | null;
  kind: Scope['kind'] | 'all';
  value: string | null;
}

/** Which of an account's opt-outs, of everything and by scope. */
export interface OptoutSearch {
  number?: E164 | undefined;
  kind?: ListedOptout['kind'] | undefined;
  value?: string | undefined;
}

export interface ScopedOptoutReads {
  /** Of each of these numbers its scoped ones. */
  of(accountId: AccountId, numbers: readonly E164[]): Promise<ScopedOptout[][]>;
  /** Whether an account has any. */
  any(accountId: AccountId): Promise<boolean>;
  find(accountId: AccountId, id: ScopedOptoutId): Promise<ScopedOptout | undefined>;
  /** With those of everything, newest first. */
  search(accountId: AccountId, search: OptoutSearch, page: Page): Promise<ListedOptout[]>;
  /** How many `search` has. */
  count(accountId: AccountId, search: OptoutSearch): Promise<number>;
}

export interface ScopedOptoutTx {
  /** For each its scoped ones. */
  of(wanted: readonly Pick<ScopedOptout, 'accountId' | 'number'>[]): Promise<ScopedOptout[][]>;
  /** Gives back those that were not there before. */
  add(optouts: readonly ScopedOptout[]): Promise<ScopedOptout[]>;
  /** Gives it back, when it was there. */
  remove(accountId: AccountId, id: ScopedOptoutId): Promise<ScopedOptout | undefined>;
  /** Those of these scopes. */
  removeOf(accountId: AccountId, number: E164, scopes: readonly Scope[]): Promise<ScopedOptout[]>;
  /** Some that are left of an account's opt-outs, of everything and by scope: so many at most. Gives how many. */
  clear(accountId: AccountId, limit: number): Promise<number>;
}

export interface TemplateReads {
  find(accountId: AccountId, id: TemplateId): Promise<Template | undefined>;
  findByAlias(accountId: AccountId, alias: string): Promise<Template | undefined>;
  /** Newest first; with `name` those that have it in theirs. */
  list(accountId: AccountId, which: Page & { name?: string | undefined }): Promise<Template[]>;
  count(accountId: AccountId, which: { name?: string | undefined }): Promise<number>;
  /** Approved ones for a sender, by its `senderKey`; newest first, so many at most. */
  ofSender(accountId: AccountId, key: string, limit: number): Promise<Template[]>;
  blocks: {
    find(accountId: AccountId, id: TemplateId): Promise<TemplateBlock | undefined>;
    findExternal(accountId: AccountId, externalId: string): Promise<TemplateBlock | undefined>;
    /** Newest first. */
    list(accountId: AccountId, page: Page): Promise<TemplateBlock[]>;
    count(accountId: AccountId): Promise<number>;
  };
}

export interface TemplateTx {
  /** @throws GatewayError `already_exists` when the alias is another one's. */
  insert(template: Template): Promise<void>;
  /** Nobody else changes it until the commit. */
  lock(accountId: AccountId, id: TemplateId): Promise<Template | undefined>;
  /** Writes everything but accountId, alias and createdAt. */
  save(template: Template): Promise<void>;
  remove(accountId: AccountId, id: TemplateId): Promise<boolean>;
  count(accountId: AccountId): Promise<number>;
  aliasTaken(accountId: AccountId, alias: string): Promise<boolean>;
  blocks: {
    /** One of the same external id is replaced, and keeps its id. Gives what is there then. */
    put(blocks: readonly TemplateBlock[]): Promise<TemplateBlock[]>;
    remove(accountId: AccountId, id: TemplateId): Promise<boolean>;
    /** So many at most; gives how many. */
    clear(accountId: AccountId, limit: number): Promise<number>;
    count(accountId: AccountId): Promise<number>;
  };
}

export interface VerificationReads {
  find(accountId: AccountId, id: VerificationId): Promise<Verification | undefined>;
}

export interface VerificationTx {
  insert(verification: Verification): Promise<void>;
  /** The row as it is, which nobody else changes until the commit. */
  lock(accountId: AccountId, id: VerificationId): Promise<Verification | undefined>;
  /** Writes triesLeft, status and doneAt. */
  save(verification: Verification): Promise<void>;
  remove(accountId: AccountId, id: VerificationId): Promise<void>;
}

/** Which of an account's contacts. */
export interface ContactSearch {
  name?: string | undefined;
  identifier?: string | undefined;
  /** Those that are in it. */
  groupId?: ContactGroupId | undefined;
}

export interface ContactReads {
  find(accountId: AccountId, id: ContactId): Promise<Contact | undefined>;
  /** By id, newest first. */
  list(accountId: AccountId, search: ContactSearch, page: Page): Promise<Contact[]>;
  count(accountId: AccountId, search: ContactSearch): Promise<number>;
  /** Of each contact, by kind and value. */
  identifiers(accountId: AccountId, ids: readonly ContactId[]): Promise<Identifier[][]>;
  /** Contacts by what they are known by. */
  known(
    accountId: AccountId,
    by: readonly Pick<Identifier, 'kind' | 'value'>[],
  ): Promise<(ContactId | undefined)[]>;
  /** Of each contact, with those that it has left. */
  memberships(ids: readonly ContactId[]): Promise<Membership[][]>;
  group(accountId: AccountId, id: ContactGroupId): Promise<ContactGroup | undefined>;
  /** By name. */
  groups(
    accountId: AccountId,
    which: Page & { kind: ContactGroup['kind'] },
  ): Promise<ContactGroup[]>;
  countGroups(accountId: AccountId, kind: ContactGroup['kind']): Promise<number>;
  /** The mobiles of those in a group whose contact follows one, by contact: for who writes to all of them. */
  mobilesOf(
    groupId: ContactGroupId,
    after: ContactId | null,
    limit: number,
  ): Promise<{ contactId: ContactId; number: E164 }[]>;
  findImport(accountId: AccountId, id: ContactImportId): Promise<ContactImport | undefined>;
  /** Newest first. */
  imports(accountId: AccountId, page: Page): Promise<ContactImport[]>;
  countImports(accountId: AccountId): Promise<number>;
}

export interface ContactTx {
  insert(contacts: readonly Contact[]): Promise<void>;
  /** Nobody else changes them until the commit. */
  lock(accountId: AccountId, ids: readonly ContactId[]): Promise<Contact[]>;
  /** Writes name, attributes and changedAt. */
  save(contact: Contact): Promise<void>;
  /** With its identifiers and memberships. */
  remove(accountId: AccountId, ids: readonly ContactId[]): Promise<number>;
  identifiers(accountId: AccountId, id: ContactId): Promise<Identifier[]>;
  known: ContactReads['known'];
  /** Gives back those that no contact of the account had before. */
  addIdentifiers(identifiers: readonly Identifier[]): Promise<Identifier[]>;
  removeIdentifier(
    accountId: AccountId,
    id: ContactId,
    by: { kind: IdentifierKind; value: string },
  ): Promise<boolean>;
  /** @throws GatewayError `already_exists` when the account has one of that kind and name. */
  insertGroup(group: ContactGroup): Promise<void>;
  renameGroup(accountId: AccountId, id: ContactGroupId, name: string): Promise<boolean>;
  removeGroup(accountId: AccountId, id: ContactGroupId): Promise<boolean>;
  countGroups(accountId: AccountId): Promise<number>;
  groupNamed(
    accountId: AccountId,
    kind: ContactGroup['kind'],
    name: string,
  ): Promise<ContactGroup | undefined>;
  memberships(id: ContactId): Promise<Membership[]>;
  /** As they are from now on. */
  join(memberships: readonly Membership[]): Promise<void>;
  /** The same, but those that are in it or have left it stay as they are. */
  joinNew(memberships: readonly Membership[]): Promise<void>;
  leave(groupId: ContactGroupId, ids: readonly ContactId[]): Promise<number>;
  insertImport(done: ContactImport): Promise<void>;
}
