import type { Message, Part } from './message.ts';
import type { MessageStatus, PartStatus } from './status.ts';

/*
 * Most messages are one part that is taken at its first hand-over, and all that there is to say of this part its message
 * says itself. So it is no row of its own: that spares five statements a message, of fourteen, and 15 of 165 µs. Every
 * other part has a row (`Tx.parts`): those of a longer message, and of one that was refused, lost or handed over again.
 *
 *   handed over for the first time, as one part ──▶ no row: `sending`
 *                                                      │ taken ──▶ no row: as its message is, from now on
 *                                                      └ anything else ──▶ a row, like all others
 */

/**
 * Has its part no row of its own?
 * @param message as it was before this hand-over, but for its `attempts`, which count those begun before it.
 */
export function goesAlone(
  { error }: Pick<Message, 'error'>,
  attempts: number,
  wireParts: number,
): boolean {
  // A try that is not counted, when it was throttled, has left its reason.
  return wireParts === 1 && attempts === 0 && error === null;
}

/** What the network has of a message that says so itself, and has no parts in storage. */
export function lonePart(message: Message): Part | undefined {
  const { id, linkId, upstreamId, status, errorDetail, doneAt } = message;
  if (linkId === null) return undefined;
  const sentAt = message.sentAt ?? message.scheduledAt ?? message.createdAt;
  const part = { messageId: id, number: 1, linkId, upstreamId, sentAt };
  if (upstreamId === null) {
    if (!isUnheardOf(message)) return undefined;
    return { ...part, status: 'sending', error: null, doneAt: null };
  }
  const own = statusOf[status];
  const over = own !== 'sent';
  return {
    ...part,
    status: own,
    error: over && own !== 'delivered' ? errorDetail : null,
    doneAt: over ? doneAt : null,
  };
}

/** It was handed over, and nothing was heard of it: also where it has just been given up (`settleLost`). */
function isUnheardOf({ status, error }: Message): boolean {
  if (status === 'sending') return true;
  return (status === 'queued' || status === 'unknown') && error === 'answer_lost';
}

/** Of a part that was taken. That its receipt is waited for no more (`unknown`) changes nothing about it. */
const statusOf: Record<MessageStatus, PartStatus> = {
  scheduled: 'sent',
  queued: 'sent',
  sending: 'sent',
  sent: 'sent',
  unknown: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  expired: 'expired',
  rejected: 'rejected',
  cancelled: 'rejected',
};
