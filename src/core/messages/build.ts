import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { MessageError } from '../errors.ts';
import type { Message } from './message.ts';
import type { Prepared } from './prepare.ts';

/** What a message has from the submission it is part of. */
export interface Origin {
  id: MessageId;
  accountId: AccountId;
  submissionId: SubmissionId;
  position: number;
  now: number;
  validityMs: number;
}

/** The row of a message that may be accepted. */
export function newMessage(prepared: Prepared, origin: Origin): Message {
  const { scheduledAt } = prepared;
  const start = scheduledAt ?? origin.now;
  return {
    id: origin.id,
    accountId: origin.accountId,
    submissionId: origin.submissionId,
    position: origin.position,
    destination: prepared.destination,
    sender: prepared.sender,
    text: prepared.text,
    encoding: prepared.encoding,
    parts: prepared.parts,
    price: prepared.price,
    clientRef: prepared.clientRef,
    status: scheduledAt === null ? 'queued' : 'scheduled',
    error: null,
    errorDetail: null,
    linkId: prepared.linkId,
    priority: 0,
    attempts: 0,
    possiblyDoubled: 0,
    dueAt: start,
    lockedBy: null,
    scheduledAt,
    expiresAt: start + origin.validityMs,
    createdAt: origin.now,
    sentAt: null,
    doneAt: null,
  };
}

/** The row of a message that is refused after all, kept so that its client may look it up. It costs nothing. */
export function refusedInstead(message: Message, error: MessageError): Message {
  return {
    ...message,
    price: millicredits(0),
    status: 'rejected',
    error: error.code,
    errorDetail: error.detail,
    linkId: null,
    lockedBy: null,
    dueAt: message.createdAt,
    expiresAt: message.createdAt,
    doneAt: message.createdAt,
  };
}
