import { hash } from 'node:crypto';
import type { AccountId, MessageId, ReplyId } from '../../core/ids.ts';

/**
 * The names under which this API knows things (seed): a sent message 40 lower-case hex digits, as a SHA-1 has; a received
 * one an upper-case UUID, and a number besides; a phone up to 21 characters.
 */

const checkLength = 8;
const uuidDigits = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The 32 digits of its id and 8 that follow from them, so that it can be read back. */
export function guidOf(id: MessageId): string {
  const digits = id.replaceAll('-', '');
  return digits + checkOf(digits);
}

/** @returns undefined for what was never such a guid. */
export function messageOfGuid(guid: string): MessageId | undefined {
  const text = guid.trim().toLowerCase();
  const digits = text.slice(0, -checkLength);
  if (!uuidDigits.test(digits) || text.slice(-checkLength) !== checkOf(digits)) return undefined;
  return digits.replace(uuidDigits, '$1-$2-$3-$4-$5') as MessageId;
}

function checkOf(digits: string): string {
  return hash('sha256', digits, 'hex').slice(0, checkLength);
}

export function replyGuidOf(id: ReplyId): string {
  return id.toUpperCase();
}

/** @returns undefined for what was never such a guid. */
export function replyOfGuid(guid: string): ReplyId | undefined {
  const text = guid.trim().toLowerCase();
  return uuid.test(text) ? (text as ReplyId) : undefined;
}

/** When something was written down stands in its id, a UUID of version 7. Epoch milliseconds. */
export function madeAt(id: string): number {
  return Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
}

/** Of 2020-01-01: with milliseconds since then there are bits left for chance. */
const epoch = Date.UTC(2020, 0, 1);

/**
 * The number of a received message, which grows with time and is a whole number in every language's JSON (less than
 * 2^53): its milliseconds, and twelve bits of the chance that is in its id.
 */
export function replyNumberOf(id: ReplyId): number {
  return Math.max(0, madeAt(id) - epoch) * 4096 + Number.parseInt(id.slice(-3), 16);
}

/** Stands where the gateway itself is shown as a phone: 16 hex digits, as those of Android. */
export function gatewaySid(account: AccountId): string {
  return hash('sha256', `sid ${account}`, 'hex').slice(0, 16);
}

/** What stands where the vendor shows the key's digest: the same for all of an account's keys, and no secret. */
export function maskedKey(account: AccountId): string {
  return hash('sha256', `key ${account}`, 'hex').slice(0, 40);
}
