import type { DeviceId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { QueueOrder } from '../ports/device-storage.ts';
import type { Tx } from '../ports/storage.ts';
import type { DeviceContext } from './context.ts';
import type { StoredDevice } from './device.ts';
import type { StoredErrand } from './errand.ts';
import { allowance, countsSince } from './pace.ts';
import { nothingSettled, settle } from './settle.ts';

/** A message as its phone is given it. */
export interface Handout {
  errand: StoredErrand;
  message: Message;
  /** As it goes out. */
  text: string;
}

/** More of what a phone was given is not looked at: settings that allow more than this are without limit. */
const mostCounted = 20_000;

/** How a phone asks. */
export interface PullWish {
  order: QueueOrder;
  /** The most of an answer. */
  limit: number;
  /** It knows what to do with what is to be taken back; else it is not shown that, and would send it. */
  takesBack: boolean;
}

/**
 * What a phone is given when it asks: all it was given before and has not answered, and as much of what waits as its
 * settings allow now. That it was given is on disk before the answer leaves: from then on the phone may have it.
 *
 * What it was given is read last: a phone asks several times at once, and breaks off some of it, so that each answer
 * must have what another has just been given.
 *
 * Crash points: before the commit nothing was given; after it the phone is given the same again, since it did not
 * answer, under the same name.
 */
export async function pull(
  context: DeviceContext,
  device: StoredDevice,
  wish: PullWish,
): Promise<Handout[]> {
  const { storage, clock } = context.delivery;
  const rests = device.restUntil > clock.now();
  if (!rests && (await storage.read.errands.hasWaiting(device.id))) {
    await storage.write((tx) => give(tx, device.id, { wish, now: clock.now() }));
  }
  const errands = await storage.read.errands.given(device.id, wish);
  const { handouts, textless } = await withMessages(context, device, errands);
  if (textless.length > 0) await endTextless(context, textless);
  return handouts;
}

async function give(
  tx: Tx,
  id: DeviceId,
  { wish, now }: { wish: PullWish; now: number },
): Promise<void> {
  // The same phone may ask twice at once.
  const [device] = await tx.devices.lock([id]);
  if (!device || device.restUntil > now) return;
  const room = wish.limit - (await tx.errands.countGiven(id, wish));
  if (room <= 0) return;
  const { settings } = device;
  const since = countsSince(settings, now);
  const counted = since === null ? [] : await tx.errands.pulled(id, since, mostCounted);
  const { parts, again, untouched } = allowance(settings, counted, now);
  const given: StoredErrand[] = [];
  let left = parts;
  let short = parts <= 0;
  if (!short) {
    for (const errand of await tx.errands.lockWaiting(id, wish.order, room)) {
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
}

function restAfter(settings: StoredDevice['settings'], now: number): number {
  return allowance(settings, [{ at: now, parts: Number.MAX_SAFE_INTEGER }], now).again;
}

/** @returns what can be given; and errands that have no text any more. */
async function withMessages(
  { delivery }: DeviceContext,
  { accountId }: StoredDevice,
  errands: readonly StoredErrand[],
): Promise<{ handouts: Handout[]; textless: StoredErrand[] }> {
  if (errands.length === 0) return { handouts: [], textless: [] };
  const { storage, vault } = delivery;
  const found = await storage.read.messages.find(
    accountId,
    errands.map(({ messageId }) => messageId),
  );
  const messages = new Map(found.map((message) => [message.id, message]));
  const handouts: Handout[] = [];
  const textless: StoredErrand[] = [];
  for (const errand of errands) {
    const message = messages.get(errand.messageId);
    const hidden = errand.secret === null ? '' : vault.unseal(errand.secret);
    const text = `${message?.text ?? ''}${hidden}`;
    // What is to be taken back is known by its name.
    if (message && (text !== '' || errand.state === 'cancelling')) {
      handouts.push({ errand, message, text });
    } else {
      textless.push(errand);
    }
  }
  return { handouts, textless };
}

/**
 * A text can be erased once a phone has said that it has it; if that phone then could not send it, there is nothing
 * that could be tried again. It was in no answer, and must not hold a place in all of them.
 */
async function endTextless(
  { delivery }: DeviceContext,
  textless: readonly StoredErrand[],
): Promise<void> {
  const { storage, clock } = delivery;
  const detail = 'Its text was erased before a phone could send it.';
  const committed = await storage.write(async (tx) => {
    const now = clock.now();
    const errands = (await tx.errands.lock(textless.map(({ messageId }) => messageId))).filter(
      ({ messageId, state, attempt }) =>
        state === 'given' &&
        textless.some((one) => one.messageId === messageId && one.attempt === attempt),
    );
    const settled = nothingSettled();
    for (const errand of errands) {
      Object.assign(errand, { state: 'failed', error: detail, doneAt: now, secret: null });
      settled.unsent.push({ errand, end: 'failed', detail });
    }
    await tx.errands.save(errands);
    return settle(tx, settled, delivery);
  });
  committed();
}
