import type { Country } from '../../text/phone-number.ts';
import type { DeviceAddress } from '../devices/device.ts';
import type { Product } from '../billing/product.ts';
import type { Endpoint } from '../notifications/endpoint.ts';
import type { SigningKey } from '../notifications/signing-key.ts';
import type { AccountId, CredentialId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import type { Sender } from '../senders/sender.ts';

/**
 * What is given back when a message ends badly: nothing (`never`); the price of what never left us
 * (`unsent`: cancelled, expired in the queue, refused by the link); or also what the network took and
 * could not deliver (`undelivered`).
 */
export const refundPolicies = ['never', 'unsent', 'undelivered'] as const;
export type RefundPolicy = (typeof refundPolicies)[number];

/** Who sends, pays, and owns numbers, credentials and data. */
export interface Account {
  id: AccountId;
  /** Whose sub-account it is: that one's clients may act for it. */
  parentId: AccountId | null;
  name: string;
  status: 'active' | 'suspended';
  /** Numbers in local form are read as this country's. */
  homeCountry: Country;
  /** Where it may send to. */
  allowedCountries: Country[];
  pricePerPart: Millicredits;
  refundPolicy: RefundPolicy;
  /** The same text from the same sender to the same number is refused within this time; 0: never. */
  duplicateWindowMs: number;
  /** What each dialect keeps about the account, by the dialect's name; the dialect's schema reads it. Also `links/always.ts`. */
  settings: Record<string, unknown>;
  createdAt: number;
}

/** One way in for an account; it belongs to exactly one dialect, or to SMPP. */
export interface Credential {
  id: CredentialId;
  accountId: AccountId;
  dialect: string;
  kind: CredentialKind;
  /** What finds it: the user name, or the digest of the key. Unique within (dialect, kind). */
  lookup: string;
  /** argon2id of the password (`basic`, `oauth_client`), sealed secret (`hmac`); null where `lookup` proves it all. */
  secret: string | null;
  /** A name for people, or the first characters of the key. */
  label: string;
  /** What its dialect keeps with it; the dialect's schema reads it. */
  settings: Record<string, unknown>;
  createdAt: number;
  revokedAt: number | null;
}

export const credentialKinds = ['basic', 'api_key', 'bearer', 'oauth_client', 'hmac'] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/** Is it found by a name? The others are by the digest of their secret. */
export function isNamed(kind: CredentialKind): boolean {
  return kind === 'basic' || kind === 'oauth_client' || kind === 'hmac';
}

/** An account with what is looked at for every message: kept in memory for a moment by `Directory`. */
export interface AccountView {
  account: Account;
  /** By the address it shows, those that may be used. */
  senders: ReadonlyMap<string, Sender>;
  endpoints: readonly Endpoint[];
  /** With which what it is told is signed, where the form can. */
  signingKey: SigningKey | null;
  /** Those that it is offered, by their codes. */
  products: ReadonlyMap<string, Product>;
  /** Some must not be sent what is in a scope; without any, no message is looked up for it. */
  hasScopedOptouts: boolean;
  /** Its phones. */
  devices: readonly DeviceAddress[];
}
