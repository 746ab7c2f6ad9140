import { GatewayError } from '../errors.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { AccountId, SenderId } from '../ids.ts';
import type { Tx } from '../ports/storage.ts';
import { grantSender } from '../senders/grant.ts';
import type { Sender } from '../senders/sender.ts';
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

/**
 * Within a transaction, before an owner gives an account a number: if another account has it only since one of its phones
 * said so, as whoever has a phone can make it say, it loses it.
 *
 * @returns who has lost it.
 */
export async function releaseLearnt(
  tx: Tx,
  { accountId, address }: Pick<Sender, 'accountId' | 'address'>,
  storage: DeliveryContext['storage'],
): Promise<AccountId | undefined> {
  const key = senderKey(address);
  const holder = (await tx.senders.owners([key])).get(key);
  if (holder === undefined || holder === accountId) return undefined;
  const sender = await tx.senders.find(holder, key);
  const found = await storage.read.devices.ofAccount(holder);
  const claiming = found.filter(({ senders }) => senders.some((id) => id === sender?.id));
  const devices = await tx.devices.lock(claiming.map(({ id }) => id));
  const saidByOwner = devices.some(({ number }) => number !== null && senderKey(number) === key);
  if (!sender || devices.length === 0 || saidByOwner) return undefined;
  await tx.senders.remove(sender.id);
  for (const device of devices) {
    await tx.devices.save({
      ...device,
      senders: device.senders.filter((id) => id !== sender.id),
    });
  }
  return holder;
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
