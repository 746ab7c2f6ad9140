import type { SenderRequest, SenderRequestStatus } from '../../core/senders/sender-request.ts';
import type { Sender } from '../../core/senders/sender.ts';
import { isUsable } from '../../core/senders/sender.ts';
import { formatIso } from '../../text/instant.ts';
import type { Words } from './filters.ts';
import { address } from './present.ts';

export type AddressType = 'name' | 'number' | 'short-code';
export const addressTypeWords: Words<AddressType> = {
  name: 'ALPHANUMERIC',
  number: 'INTERNATIONAL',
  'short-code': 'SHORT_CODE',
};

export type Usage = 'name' | 'own' | 'dedicated' | 'hosted';
export const usageWords: Words<Usage> = {
  name: 'ALPHANUMERIC',
  own: 'OWN_NUMBER',
  dedicated: 'DEDICATED',
  hosted: 'HOSTED_NUMBER',
};

export type Expiry = 'approved' | 'expiring' | 'expired';
export const expiryWords: Words<Expiry> = {
  approved: 'APPROVED',
  expiring: 'EXPIRING',
  expired: 'EXPIRED',
};

/** How long before its end a number is said to expire soon; the vendor does not say what soon is. */
const soonMs = 30 * 24 * 3_600_000;

/** What has fewer digits than a number in international form is a short code (as `address` has it). */
export function addressTypeOf(written: string): AddressType {
  if (!/^\+?\d+$/.test(written)) return 'name';
  return address(written).startsWith('+') ? 'number' : 'short-code';
}

/** A number that several accounts show is nobody's own: it is as one that is hosted. */
export function usageOf({ kind, address: written }: Pick<Sender, 'kind' | 'address'>): Usage {
  if (kind === 'own') return 'own';
  if (addressTypeOf(written) === 'name') return 'name';
  return kind === 'dedicated' ? 'dedicated' : 'hosted';
}

/** Only what has to be proven again has an end. */
export function expiryOf(sender: Sender, now: number): Expiry | undefined {
  if (sender.kind !== 'own') return undefined;
  if (!isUsable(sender, now)) return 'expired';
  return isUsable(sender, now + soonMs) ? 'approved' : 'expiring';
}

const statusWords: Record<SenderRequestStatus, string> = {
  open: 'OPEN',
  pending: 'PENDING',
  approved: 'APPROVED',
  rejected: 'REJECTED',
};

type Described = Pick<
  Sender,
  'address' | 'kind' | 'countries' | 'reason' | 'label' | 'createdAt' | 'changedAt'
>;

function wordsOf(one: Described) {
  return {
    sender_address: address(one.address),
    sender_address_type: addressTypeWords[addressTypeOf(one.address)],
    usage_type: usageWords[usageOf(one)],
    destination_countries: one.countries ?? [],
    reason: one.reason ?? undefined,
    label: one.label ?? undefined,
  };
}

function datesOf({ createdAt, changedAt }: Described) {
  return { created_date: formatIso(createdAt), last_modified_date: formatIso(changedAt) };
}

/** A request, in the order of the documented sample. @param account its name. */
export function presentRequest(request: SenderRequest, account: string) {
  return {
    id: request.id,
    ...wordsOf(request),
    status: statusWords[request.status],
    account_id: account,
    ...datesOf(request),
  };
}

/** An approved address, likewise. */
export function presentSender(sender: Sender, account: string, now: number) {
  const expiry = expiryOf(sender, now);
  return {
    id: sender.id,
    ...wordsOf(sender),
    account_id: account,
    ...datesOf(sender),
    expiry: sender.expiresAt === null ? undefined : formatIso(sender.expiresAt),
    display_status: expiry && expiryWords[expiry],
  };
}
