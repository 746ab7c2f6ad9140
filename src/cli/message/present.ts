import type { Message } from '../../core/messages/message.ts';
import type { MessageStatus } from '../../core/messages/status.ts';
import { inCredits } from '../../core/money.ts';
import { iso } from '../shared/format.ts';
import type { Paint } from '../shared/paint.ts';

/** A message for programs; money in credits. */
export function messageDocument(message: Message) {
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
    cost: inCredits(message.price),
    ref: message.clientRef,
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
