import { GatewayError } from '../errors.ts';
import type { Tx } from '../ports/storage.ts';
import type { Sender } from './sender.ts';
import { senderKey } from './sender.ts';

/** An alphanumeric sender is at most this long on the air (GSM 03.40 §9.1.2.5: 11 septets). */
const longestName = 11;
const mostSendersOfAnAccount = 1000;

/**
 * Within a transaction: from now on an account may show an address, which it could not before.
 * @throws GatewayError `already_exists` when the account has it, or another account holds that number as
 * its own; `invalid_request` when the account has too many.
 */
export async function grantSender(tx: Tx, sender: Sender): Promise<void> {
  const { accountId, address } = sender;
  const key = senderKey(address);
  const holder = (await tx.senders.owners([key])).get(key);
  if (holder !== undefined && holder !== accountId) {
    throw new GatewayError('already_exists', `Another account holds '${address}' as its own.`);
  }
  if (await tx.senders.find(accountId, key)) {
    throw new GatewayError('already_exists', `The account has the sender '${address}' already.`);
  }
  if ((await tx.senders.count(accountId)) >= mostSendersOfAnAccount) {
    throw new GatewayError(
      'invalid_request',
      `The account has ${mostSendersOfAnAccount} senders; remove one first.`,
    );
  }
  await tx.senders.insert(sender);
}

/** The same for what a handset has proven: if it had proven it before, it holds anew, and stays the same sender. */
export async function grantOrRenew(tx: Tx, sender: Sender): Promise<void> {
  const held = await tx.senders.find(sender.accountId, senderKey(sender.address));
  if (!held) return grantSender(tx, sender);
  // What the owner has vouched for meanwhile needs no proof.
  if (held.kind !== 'own') return;
  const { label, countries, reason, changedAt, expiresAt } = sender;
  await tx.senders.change(held.id, { label, countries, reason, changedAt, expiresAt });
}

/** @throws GatewayError `invalid_request` for an address no network would show. */
export function checkAddress(address: string): void {
  if (/^\+?\d{3,15}$/.test(address)) return;
  const printable = /^[\x20-\x7e]+$/.test(address) && address.trim() === address;
  if (address.length > 0 && address.length <= longestName && printable) return;
  throw new GatewayError(
    'invalid_request',
    `'${address.slice(0, 40)}' is no sender: it must be a number of 3 to 15 digits or a name of 1 to ${longestName} plain characters.`,
    { field: 'sender' },
  );
}
