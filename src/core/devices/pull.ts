import type { DeviceId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { QueueOrder } from '../ports/device-storage.ts';
import type { Tx } from '../ports/storage.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { allowance, countsSince } from './pace.ts';

/** A message as its phone is given it. */
export interface Handout {
  errand: StoredErrand;
  message: Message;
  /** As it goes out. */
  text: string;
}

/** More of what a phone was given is not looked at: settings that allow more than this are without limit. */
const mostCounted = 20_000;

/**
 * What a phone is given when it asks: all it was given before and has not answered, and as much of what waits as its
 * settings allow now. That it was given is on disk before the answer leaves: from then on the phone may have it.
 *
 * Crash points: before the commit nothing was given; after it the phone is given the same again, since it did not
 * answer, under the same name.
 */
export async function pull(
  context: DeviceContext,
  device: StoredDevice,
  { order, limit }: { order: QueueOrder; limit: number },
): Promise<Handout[]> {
  const { storage, clock } = context.delivery;
  const before = await storage.read.errands.given(device.id, order, limit);
  const room = limit - before.length;
  const more =
    room > 0 &&
    device.restUntil <= clock.now() &&
    (await storage.read.errands.hasWaiting(device.id));
  const fresh = more
    ? await storage.write((tx) => give(tx, device.id, { order, room, now: clock.now() }))
    : [];
  const errands = new Map([...before, ...fresh].map((errand) => [errand.messageId, errand]));
  const inOrder = [...errands.values()].toSorted(
    (a, b) =>
      b.priority - a.priority || (a.messageId < b.messageId ? -1 : 1) * (order === 'fifo' ? 1 : -1),
  );
  return withMessages(context, device, inOrder);
}

async function give(
  tx: Tx,
  id: DeviceId,
  { order, room, now }: { order: QueueOrder; room: number; now: number },
): Promise<StoredErrand[]> {
  // The same phone may ask twice at once.
  const [device] = await tx.devices.lock([id]);
  if (!device || device.restUntil > now) return [];
  const { settings } = device;
  const since = countsSince(settings, now);
  const counted = since === null ? [] : await tx.errands.pulled(id, since, mostCounted);
  const { parts, again, untouched } = allowance(settings, counted, now);
  const given: StoredErrand[] = [];
  let left = parts;
  let short = parts <= 0;
  if (!short) {
    for (const errand of await tx.errands.lockWaiting(id, order, room)) {
      if (errand.expiresAt <= now) continue;
      const alone = untouched && given.length === 0;
      if (errand.parts > left && !alone) {
        short = true;
        break;
      }
      left -= errand.parts;
      given.push({ ...errand, state: 'given', pulledAt: now });
    }
    await tx.errands.save(given);
  }
  if (short) {
    // What was given just now counts, too: there is room again when the oldest of all of it is forgotten.
    const restUntil = parts <= 0 || counted.length > 0 ? again : restAfter(settings, now);
    if (restUntil > now) await tx.devices.rest([{ id, restUntil }]);
  }
  return given;
}

function restAfter(settings: StoredDevice['settings'], now: number): number {
  return allowance(settings, [{ at: now, parts: Number.MAX_SAFE_INTEGER }], now).again;
}

async function withMessages(
  { delivery }: DeviceContext,
  { accountId }: StoredDevice,
  errands: readonly StoredErrand[],
): Promise<Handout[]> {
  if (errands.length === 0) return [];
  const { storage, vault } = delivery;
  const found = await storage.read.messages.find(
    accountId,
    errands.map(({ messageId }) => messageId),
  );
  const messages = new Map(found.map((message) => [message.id, message]));
  return errands.flatMap((errand) => {
    const message = messages.get(errand.messageId);
    const hidden = errand.secret === null ? '' : vault.unseal(errand.secret);
    const text = `${message?.text ?? ''}${hidden}`;
    // Its account may have erased it after a phone had it, and before that phone gave it back.
    return message && text !== '' ? { errand, message, text } : [];
  });
}
