import type { E164 } from '../../text/phone-number.ts';
import type { AccountView } from '../accounts/account.ts';
import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import { cancelAll } from '../messages/cancel.ts';
import type { Tx } from '../ports/storage.ts';
import type { Optout } from './optout.ts';

/**
 * Within a transaction: a number is on the list from now on, and what was scheduled to it is taken
 * back with a refund. @returns false when it was there before.
 */
export async function addOptout(
  tx: Tx,
  optout: Optout,
  consequences: Consequences,
  now: number,
): Promise<boolean> {
  const { accountId, number, createdAt } = optout;
  // Who schedules a message to it at this moment holds the same lock: either he sees the opt-out, or his
  // message is seen below.
  await tx.accounts.lockBalances([accountId]);
  const added = (await tx.optouts.add([optout])).length > 0;
  if (added) consequences.happened({ type: 'optout.added', accountId, at: createdAt, number });
  const scheduled = await tx.messages.lockScheduledTo(accountId, number);
  await cancelAll(tx, scheduled, 'recipient_opted_out', consequences, now);
  return added;
}

/** Within a transaction: a number may be sent to again. @returns false when it was not on the list. */
export async function removeOptout(
  tx: Tx,
  { accountId, number, at }: { accountId: Optout['accountId']; number: E164; at: number },
  consequences: Consequences,
): Promise<boolean> {
  const removed = await tx.optouts.remove(accountId, number);
  if (removed) consequences.happened({ type: 'optout.removed', accountId, at, number });
  return removed;
}

/** The account itself (or the gateway's owner for it) asks for it, not the handset. */
export function optOutByRequest(
  context: DeliveryContext,
  view: AccountView,
  number: E164,
  source: Exclude<Optout['source'], 'reply'>,
): Promise<boolean> {
  return inOneWrite(context, view, (tx, consequences, now) =>
    addOptout(
      tx,
      { accountId: view.account.id, number, source, replyId: null, createdAt: now },
      consequences,
      now,
    ),
  );
}

/** The account itself, or the gateway's owner for it, undoes it. */
export function optInByRequest(
  context: DeliveryContext,
  view: AccountView,
  number: E164,
): Promise<boolean> {
  return inOneWrite(context, view, (tx, consequences, now) =>
    removeOptout(tx, { accountId: view.account.id, number, at: now }, consequences),
  );
}

/** Runs a change with what follows from it, in one transaction. */
export async function inOneWrite<T>(
  context: DeliveryContext,
  view: AccountView,
  change: (tx: Tx, consequences: Consequences, now: number) => Promise<T>,
): Promise<T> {
  const { changed, consequences } = await context.storage.write(async (tx) => {
    const made = new Consequences(context, new Map([[view.account.id, view]]));
    const done = await change(tx, made, context.clock.now());
    await made.write(tx);
    return { changed: done, consequences: made };
  });
  consequences.committed();
  return changed;
}
