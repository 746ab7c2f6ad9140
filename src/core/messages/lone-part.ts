import type { Message, Part } from './message.ts';
import type { MessageStatus, PartStatus } from './status.ts';

/*
 * Most messages are one part that is taken at its first hand-over, and all that there is to say of this part its message
 * says itself. So it is no row of its own: that spares five statements a message, of fourteen, and 15 of 165 µs. Every
 * other part has a row (`Tx.parts`): those of a longer message, and of one that was refused, lost or handed over again.
 *
 *   handed over for the first time, as one part ──▶ no row: `sending`
 *                                                      │ taken ──▶ no row: as its message is, from now on
 *                                                      │ not now ──▶ no row: nobody has it
 *                                                      └ refused, lost, given up ──▶ a row, like all others
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
  const { id, linkId, upstreamId, status, errorDetail, sentAt, doneAt, createdAt } = message;
  if (linkId === null) return undefined;
  const part = { messageId: id, number: 1, linkId, upstreamId };
  if (upstreamId === null) {
    // That there is no row says that nothing was heard of it.
    if (message.attempts === 0 || status === 'scheduled') return undefined;
    return { ...part, status: 'sending', error: null, sentAt: sentAt ?? createdAt, doneAt: null };
  }
  const own = statusOf[status];
  const over = own !== 'sent';
  return {
    ...part,
    status: own,
    error: over && own !== 'delivered' ? errorDetail : null,
    sentAt: sentAt ?? createdAt,
    doneAt: over ? doneAt : null,
  };
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
