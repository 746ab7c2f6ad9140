import { Consequences } from '../delivery/consequences.ts';
import { cancelAll } from '../messages/cancel.ts';
import type { AccountId, MessageId } from '../ids.ts';
import type { DeviceContext } from './context.ts';
import type { StoredErrand } from './errand.ts';
import { errandName } from './errand.ts';
import { nothingSettled, settle } from './settle.ts';

/**
 * What taking back came to: it is `cancelled`; its phone was asked, and what it says will tell (`cancelling`); or it is
 * as it was (`too_late`).
 */
export type DeviceCancellation = 'cancelled' | 'cancelling' | 'too_late';

/**
 * Takes back a message wherever it is: what waits for its time, for its link or at its phone is cancelled at once,
 * with a full refund; of what its phone was given, and its radio has not got, the phone is asked.
 *
 * @returns undefined when the account has no such message.
 */
export async function cancelErrand(
  context: DeviceContext,
  accountId: AccountId,
  messageId: MessageId,
): Promise<DeviceCancellation | undefined> {
  const { delivery, wakes } = context;
  const { storage, clock, directory } = delivery;
  const views = await directory.views([accountId]);
  const { outcome, asked, committed } = await storage.write(async (tx) => {
    const now = clock.now();
    // The balance before the messages, as an opt-out takes them.
    await tx.accounts.lockBalances([accountId]);
    const [errand] = await tx.errands.lock([messageId]);
    const [message] = await tx.messages.lock([messageId]);
    const made = new Consequences(delivery, views);
    const settled = nothingSettled();
    let result: DeviceCancellation | undefined;
    let tell = false;
    if (message?.accountId === accountId) {
      result = 'too_late';
      const free = message.lockedBy === null || message.dueAt <= now;
      const untouched = message.attempts === 0 && message.error === null;
      if (message.status === 'scheduled') {
        if ((await cancelAll(tx, [message], null, made, now)).length > 0) result = 'cancelled';
      } else if (message.status === 'queued' && !errand && free && untouched) {
        const cancelled = { ...message, status: 'cancelled' as const, dueAt: now, doneAt: now };
        const [written] = await tx.messages.save([{ ...cancelled, lockedBy: null }], {
          from: 'queued',
        });
        if (written) {
          made.moved(cancelled, now, 'cancelled');
          result = 'cancelled';
        }
      } else if (errand?.state === 'waiting' && message.status === 'sent') {
        Object.assign(errand, { state: 'cancelled', doneAt: now, secret: null });
        await tx.errands.save([errand]);
        settled.unsent.push({ errand, end: 'cancelled', detail: null });
        result = 'cancelled';
      } else if (errand && mayStillBeTakenBack(errand)) {
        await tx.errands.save([{ ...errand, state: 'cancelling' }]);
        tell = true;
        result = 'cancelling';
      } else if (errand?.state === 'cancelling' && errand.sentAt === null) {
        tell = true;
        result = 'cancelling';
      } else if (message.status === 'cancelled') {
        result = 'cancelled';
      }
    }
    await made.write(tx);
    const after = await settle(tx, settled, delivery);
    return {
      outcome: result,
      asked: tell ? errand : undefined,
      committed: () => {
        made.committed();
        after();
      },
    };
  });
  committed();
  if (asked) wakes.tell(asked.deviceId, { kind: 'cancelled', errand: errandName(asked) });
  return outcome;
}

function mayStillBeTakenBack({ state, processedAt }: StoredErrand): boolean {
  return state === 'given' || state === 'waiting' || (state === 'taken' && processedAt === null);
}
