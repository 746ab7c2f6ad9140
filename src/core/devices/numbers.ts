import { GatewayError } from '../errors.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { SenderId } from '../ids.ts';
import type { Tx } from '../ports/storage.ts';
import { grantSender } from '../senders/grant.ts';
import { plainSender, senderKey } from '../senders/sender.ts';
import type { E164 } from '../../text/phone-number.ts';
import type { StoredDevice } from './device.ts';
import { phoneSender } from './device.ts';

/**
 * Within a transaction: the numbers of a phone are senders of its account, as its own, and those that it has no more
 * are not. Who has a phone can say of it whatever number he likes. So such a number goes by that phone and by no
 * other way (`deviceFor`), and it is not taken where anybody else shows it, or the pool offers it.
 *
 * @param device as it is to be; its `senders` are brought up to date.
 * @returns numbers that are somebody else's.
 */
export async function adoptNumbers(
  tx: Tx,
  device: StoredDevice,
  { storage, ids, clock }: Pick<DeliveryContext, 'storage' | 'ids' | 'clock'>,
): Promise<{ device: StoredDevice; foreign: E164[] }> {
  const { accountId } = device;
  const numbers = new Map(numbersOf(device).map((number) => [senderKey(number), number]));
  const kept: SenderId[] = [];
  const own = new Map<string, SenderId>();
  for (const key of numbers.keys()) {
    const sender = await tx.senders.find(accountId, key);
    if (sender) own.set(key, sender.id);
  }
  for (const id of device.senders) {
    if ([...own.values()].includes(id)) kept.push(id);
    else await tx.senders.remove(id);
  }
  const foreign: E164[] = [];
  const keys = [...numbers.keys()];
  const offered = await storage.read.numbers.ofKeys(keys);
  const holders = await tx.senders.holders(keys);
  for (const [at, key] of keys.entries()) {
    const number = numbers.get(key) as E164;
    if (own.has(key)) continue;
    if (offered[at] || holders.get(key)?.some((id) => id !== accountId)) {
      foreign.push(number);
      continue;
    }
    const now = clock.now();
    const sender = {
      ...plainSender,
      id: ids.next<SenderId>(),
      accountId,
      address: number,
      kind: 'dedicated' as const,
      label: device.label ?? device.name,
      createdAt: now,
      changedAt: now,
    };
    await grantSender(tx, sender);
    kept.push(sender.id);
  }
  return { device: { ...device, senders: kept }, foreign };
}

/** An account with phones can send although nobody knows their numbers. */
export async function grantPhoneSender(
  tx: Tx,
  { accountId }: Pick<StoredDevice, 'accountId'>,
  { ids, clock }: Pick<DeliveryContext, 'ids' | 'clock'>,
): Promise<void> {
  if (await tx.senders.find(accountId, senderKey(phoneSender))) return;
  const now = clock.now();
  try {
    await grantSender(tx, {
      ...plainSender,
      id: ids.next<SenderId>(),
      accountId,
      address: phoneSender,
      kind: 'shared',
      createdAt: now,
      changedAt: now,
    });
  } catch (error) {
    // It has as many senders as an account may have: those will do.
    if (!(error instanceof GatewayError)) throw error;
  }
}

function numbersOf({ number, sims }: StoredDevice): E164[] {
  return [number, ...sims.map((sim) => sim.number)].filter((one) => one !== null);
}
