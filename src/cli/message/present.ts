import type { Message } from '../../core/messages/message.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import type { Millicredits } from '../../core/money.ts';
import { inCredits } from '../../core/money.ts';
import { iso } from '../shared/format.ts';
import type { Paint } from '../shared/paint.ts';

/** What a message costs the owner, or will: null when no route says so, and of what ended before it left. */
export function costOf({ cost, status, sentAt }: Message): Millicredits | null {
  switch (status) {
    case 'failed':
    case 'expired':
    case 'rejected':
    case 'cancelled':
      return sentAt === null ? null : cost;
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'sent':
    case 'delivered':
    case 'unknown':
      return cost;
  }
}

/** A message for programs; money in credits. The margin is that before refunds. */
export function messageDocument(message: Message) {
  const cost = costOf(message);
  return {
    id: message.id,
    accountId: message.accountId,
    submissionId: message.submissionId,
    position: message.position,
    to: message.destination,
    sender: message.sender,
    text: message.text,
    encoding: message.encoding,
    parts: message.parts,
    price: inCredits(message.price),
    cost: cost === null ? null : inCredits(cost),
    margin: cost === null ? null : (message.price - cost) / 1000,
    ref: message.clientRef,
    product: message.product,
    channel: message.channel,
    tags: message.tags,
    status: message.status,
    error: message.error,
    errorDetail: message.errorDetail,
    link: message.linkId,
    attempts: message.attempts,
    possiblyDoubled: message.possiblyDoubled === 1,
    createdAt: iso(message.createdAt),
    scheduledAt: iso(message.scheduledAt),
    sentAt: iso(message.sentAt),
    doneAt: iso(message.doneAt),
    expiresAt: iso(message.expiresAt),
    hiddenAt: iso(message.hiddenAt),
  };
}

/** Good ends green, bad ones red, doubtful ones yellow. */
export function statusColour(status: MessageStatus, paint: Paint): (text: string) => string {
  switch (status) {
    case 'delivered':
      return paint.good;
    case 'failed':
    case 'expired':
    case 'rejected':
      return paint.bad;
    case 'unknown':
      return paint.doubtful;
    case 'scheduled':
    case 'queued':
    case 'sending':
    case 'sent':
    case 'cancelled':
      return paint.none;
  }
}
