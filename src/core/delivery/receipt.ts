import type { E164 } from '../../text/phone-number.ts';
import { isSameNumber, isTellingNumber } from '../../text/phone-number.ts';
import type { DeliveryErrorCode } from '../errors.ts';
import type { Message } from '../messages/message.ts';
import type { messageStatusOf } from '../messages/status.ts';
import type { ReceiptNews } from '../ports/transport.ts';

/* What one receipt says, by itself. */

/** A receipt that names no number, or none that could be compared, agrees with any. */
export function agrees(receipt: ReceiptNews, destination: E164): boolean {
  return !namesNumber(receipt) || names(receipt, destination);
}

/** Whether it says whose phone it tells of. */
export function namesNumber({ numbers = [] }: ReceiptNews): boolean {
  return numbers.some(isTellingNumber);
}

export function names({ numbers = [] }: ReceiptNews, destination: E164 | undefined): boolean {
  return destination !== undefined && numbers.some((number) => isSameNumber(number, destination));
}

/** What a receipt makes of a message when nothing more is waited for. */
type End = Exclude<ReturnType<typeof messageStatusOf>, 'sent'>;

/** The message with its end, the same object. */
export function endBy(message: Message, end: End, { detail, at }: ReceiptNews): Message {
  message.status = end;
  message.error = errorOf[end];
  message.errorDetail = end === 'delivered' ? null : detail;
  message.doneAt = at;
  message.dueAt = at;
  message.lockedBy = null;
  return message;
}

const errorOf: Record<End, DeliveryErrorCode | null> = {
  delivered: null,
  failed: 'undeliverable',
  expired: 'validity_expired',
  rejected: 'rejected_by_network',
};
