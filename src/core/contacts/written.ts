import type { Country } from '../../text/phone-number.ts';
import { parseNumber } from '../../text/phone-number.ts';
import { GatewayError } from '../errors.ts';
import { quoted } from '../quoted.ts';
import type { Contact, Identifier, IdentifierKind } from './contact.ts';

/* What accounts write of contacts, read and checked. */

/** By what a contact is known, as somebody wrote it. */
export type WrittenIdentifier = Pick<Identifier, 'kind' | 'value'>;

/** What an account says of a contact. */
export interface ContactWish {
  name?: string | null | undefined;
  attributes?: Readonly<Record<string, string>> | undefined;
}

export const mostIdentifiers = 20;
const mostAttributes = 50;
const longestText = 400;

/** As they are stored and compared. @throws GatewayError `invalid_request`. */
export function readAll(written: readonly WrittenIdentifier[], home: Country): WrittenIdentifier[] {
  const read = new Map<string, WrittenIdentifier>();
  for (const { kind, value } of written) {
    const one = { kind, value: readOne(kind, value.trim(), home) };
    read.set(keyOf(one), one);
  }
  if (read.size === 0) throw bad('identifier', 'A contact must be known by something.');
  if (read.size > mostIdentifiers) throw tooMany(mostIdentifiers, 'identifiers');
  return [...read.values()];
}

function readOne(kind: IdentifierKind, value: string, home: Country): string {
  switch (kind) {
    case 'mobile': {
      const number = parseNumber(value, home)?.e164;
      if (number === undefined) throw bad(kind, `${quoted(value)} is not a phone number.`);
      return number;
    }
    case 'email':
      if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) || value.length > longestText) {
        throw bad(kind, `${quoted(value)} is not an address of mail.`);
      }
      requireText(value, kind);
      return value.toLowerCase();
    case 'external':
      requireText(value, kind);
      return value;
  }
}

/** @throws GatewayError `invalid_request` for what is too long or too much. */
export function textsOf(
  { name, attributes }: ContactWish,
  before: Contact | null,
): Pick<Contact, 'name' | 'attributes'> {
  if (typeof name === 'string') requireText(name, 'name');
  const entries = Object.entries(attributes ?? {});
  if (entries.length > mostAttributes) throw tooMany(mostAttributes, 'attributes');
  for (const [key, value] of entries) {
    requireText(key, 'attributes');
    if (value !== '') requireText(value, key);
  }
  return {
    name: name === undefined ? (before?.name ?? null) : name,
    attributes: attributes ? Object.fromEntries(entries) : (before?.attributes ?? {}),
  };
}

/** The first of them. */
export function bounded(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).slice(0, mostAttributes));
}

export function requireText(text: string, field: string): void {
  const isText =
    text.trim() !== '' && text.length <= longestText && text.isWellFormed() && !text.includes('\0');
  if (!isText) throw bad(field, `${quoted(text)} is empty, or too long.`);
}

export const keyOf = ({ kind, value }: WrittenIdentifier): string => `${kind} ${value}`;
export const bad = (field: string, detail: string) =>
  new GatewayError('invalid_request', detail, { field });
export const tooMany = (most: number, what: string) =>
  new GatewayError('invalid_request', `There may be at most ${most} ${what}.`);
