import type { ErrorCode } from '../errors.ts';
import { Consequences } from '../delivery/consequences.ts';
import type { DeliveryContext } from '../delivery/context.ts';
import { lookFurther } from '../delivery/doubtful-receipts.ts';
import { becomeSent, never } from '../delivery/outcomes.ts';
import { applyReceipts } from '../delivery/receipts.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus, PartStatus } from '../messages/status.ts';
import { isFinal, mayMove, mayMovePart } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReceiptNews } from '../ports/transport.ts';
import type { StoredErrand } from './errand.ts';

/** What errands have become, as far as their messages are concerned. */
export interface Settled {
  /** The network has all of it. */
  sent: StoredErrand[];
  /** What the phone says became of it. */
  receipts: ReceiptNews[];
  /** It ended, and nothing of it has left its phone. */
  unsent: { errand: StoredErrand; end: UnsentEnd; detail: string | null }[];
}

export type UnsentEnd = 'failed' | 'expired' | 'cancelled';

export const nothingSettled = (): Settled => ({ sent: [], receipts: [], unsent: [] });

const errorOf: Record<UnsentEnd, ErrorCode | null> = {
  failed: 'undeliverable',
  expired: 'validity_expired',
  cancelled: null,
};
const partOf: Record<UnsentEnd, Extract<PartStatus, ReceiptNews['status']>> = {
  failed: 'failed',
  expired: 'expired',
  cancelled: 'rejected',
};

/**
 * Within a transaction: messages follow their errands.
 *
 * The message of an errand may still be on its way here: the phone is sometimes quicker than the answer that says
 * that it was queued, and that answer may have been lost with its process. Then what there is to say of it is
 * parked as a receipt, and read when the answer comes.
 *
 * @returns what is to be called after the commit.
 */
export async function settle(
  tx: Tx,
  { sent, receipts, unsent }: Settled,
  context: DeliveryContext,
): Promise<() => void> {
  const now = context.clock.now();
  const ids = [...sent, ...unsent.map(({ errand }) => errand)].map(({ messageId }) => messageId);
  const messages = new Map((await tx.messages.lock(ids)).map((message) => [message.id, message]));
  const views = await context.directory.views(
    [...messages.values()].map(({ accountId }) => accountId),
  );
  const made = new Consequences(context, views);
  const changed = new Map<MessageStatus, Message[]>();
  const change = (from: MessageStatus, message: Message) => {
    changed.set(from, [...(changed.get(from) ?? []), message]);
  };

  for (const { messageId, sentAt } of sent) {
    const message = messages.get(messageId);
    if (message && !isFinal(message.status)) made.left(message, sentAt ?? now);
    // No receipt need follow: many networks give none to handsets.
    if (message?.status === 'sent' && message.dueAt !== never) {
      message.dueAt = never;
      change('sent', message);
    } else if (message?.status === 'unknown') {
      becomeSent(message, now, context);
      message.dueAt = never;
      change('unknown', message);
      made.moved(message, now, null);
    }
  }
  const parked: ReceiptNews[] = [];
  const ended: { message: Message; status: Part['status'] }[] = [];
  for (const { errand, end, detail } of unsent) {
    const message = messages.get(errand.messageId);
    const from = message?.status;
    if (!message || (from !== 'sent' && from !== 'unknown')) {
      if (message && mayStillCome(message.status)) parked.push(receiptOf(errand, end, detail, now));
      continue;
    }
    if (!mayMove(from, end)) continue;
    Object.assign(message, {
      status: end,
      error: errorOf[end],
      errorDetail: detail,
      dueAt: now,
      doneAt: now,
      lockedBy: null,
    });
    change(from, message);
    ended.push({ message, status: partOf[end] });
    made.moved(message, now, end === 'cancelled' ? 'cancelled' : 'unsent');
  }
  for (const [from, rows] of changed) await tx.messages.save(rows, { from });
  await endParts(tx, ended, now);
  await made.write(tx);
  const applied = await applyReceipts(tx, [...receipts, ...parked], context);
  const { missed } = applied;
  const further = missed.length > 0 ? await lookFurther(tx, missed, context) : null;
  return () => {
    made.committed();
    applied.consequences.committed();
    further?.consequences.committed();
  };
}

function mayStillCome(status: MessageStatus): boolean {
  return status === 'sending' || status === 'queued';
}

/** What its phone says became of an errand. */
export function receiptOf(
  { linkId, messageId }: StoredErrand,
  end: UnsentEnd | 'delivered',
  detail: string | null,
  at: number,
): ReceiptNews {
  const status = end === 'delivered' ? 'delivered' : partOf[end];
  return { linkId, upstreamId: messageId, status, detail, at };
}

async function endParts(
  tx: Tx,
  ended: readonly { message: Message; status: Part['status'] }[],
  at: number,
): Promise<void> {
  if (ended.length === 0) return;
  const byId = new Map(ended.map(({ message, status }) => [message.id, { message, status }]));
  const parts = (await tx.parts.ofMessages([...byId.keys()])).flatMap((part) => {
    const end = byId.get(part.messageId);
    if (!end || !mayMovePart(part.status, end.status)) return [];
    return { ...part, status: end.status, error: end.message.errorDetail, doneAt: at };
  });
  await tx.parts.settle(parts);
}
