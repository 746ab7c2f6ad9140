import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import type { ErrorCode } from '../errors.ts';
import type { AccountId, MessageId } from '../ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { Message } from './message.ts';

/** What cancelling did to one message that was asked for. */
export type Cancellation =
  | { kind: 'cancelled'; message: Message }
  /** Too late, or it ended otherwise: it is as it was. */
  | { kind: 'not_cancellable'; message: Message };

/**
 * Takes back messages that still wait for their time, with a full refund. Ids of another account, or
 * of none, are left out of the answer.
 */
export async function cancelMessages(
  context: DeliveryContext,
  accountId: AccountId,
  ids: readonly MessageId[],
): Promise<Cancellation[]> {
  const views = await context.directory.views([accountId]);
  const { cancellations, consequences } = await context.storage.write(async (tx) => {
    const made = new Consequences(context, views);
    // The balance before the messages, as an opt-out takes them.
    await tx.accounts.lockBalances([accountId]);
    const rows = (await tx.messages.lock(ids)).filter((row) => row.accountId === accountId);
    const scheduled = rows.filter((row) => row.status === 'scheduled');
    const cancelled = await cancelAll(tx, scheduled, null, made, context.clock.now());
    await made.write(tx);
    const byId = new Map(cancelled.map((message) => [message.id, message]));
    return {
      consequences: made,
      cancellations: rows.map((row): Cancellation => {
        const message = byId.get(row.id);
        return message ? { kind: 'cancelled', message } : { kind: 'not_cancellable', message: row };
      }),
    };
  });
  consequences.committed();
  return cancellations;
}

/** Within a transaction: scheduled messages become cancelled. Gives them as they are now. */
export async function cancelAll(
  tx: Tx,
  scheduled: readonly Message[],
  reason: ErrorCode | null,
  consequences: Consequences,
  now: number,
): Promise<Message[]> {
  const cancelled = scheduled.map(
    (message): Message => ({
      ...message,
      status: 'cancelled',
      error: reason,
      dueAt: now,
      doneAt: now,
    }),
  );
  const written = await tx.messages.save(cancelled, { from: 'scheduled' });
  const done = cancelled.filter((_, at) => written[at]);
  for (const message of done) consequences.moved(message, now, 'cancelled');
  return done;
}
