import type { AccountId, ContactGroupId, ContactId, ContactImportId } from '../ids.ts';

/** Somebody whom an account knows. */
export interface Contact {
  id: ContactId;
  accountId: AccountId;
  name: string | null;
  /** What else is known of him: data for templates. */
  attributes: Readonly<Record<string, string>>;
  createdAt: number;
  changedAt: number;
}

export const identifierKinds = ['mobile', 'email', 'external'] as const;
export type IdentifierKind = (typeof identifierKinds)[number];

/** By which a contact is known; of an account's contacts one has it. A mobile is in international form. */
export interface Identifier {
  accountId: AccountId;
  kind: IdentifierKind;
  value: string;
  contactId: ContactId;
}

export const groupKinds = ['tag', 'segment', 'subscription'] as const;

/**
 * What contacts have in common: a `tag` that they were given, a `segment` that is written to together, or a
 * `subscription`, which each of them may leave.
 */
export interface ContactGroup {
  id: ContactGroupId;
  accountId: AccountId;
  kind: (typeof groupKinds)[number];
  name: string;
  createdAt: number;
}

/** A contact in a group. One that has left is `out`, and no import brings it back. */
export interface Membership {
  groupId: ContactGroupId;
  contactId: ContactId;
  status: 'in' | 'out';
  changedAt: number;
}

/** What became of a list of contacts that was brought in. */
export interface ContactImport {
  id: ContactImportId;
  accountId: AccountId;
  groupId: ContactGroupId | null;
  /** Rows that it had; of these so many were new, and so many were known before. */
  rows: number;
  added: number;
  known: number;
  /** Why others were refused: the first hundred, each with its row, from 1. */
  faults: readonly { row: number; why: string }[];
  createdAt: number;
}
