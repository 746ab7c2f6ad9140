import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { Message } from './message.ts';
import type { OutgoingMessage, Prepared, Refused } from './prepare.ts';

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
    ...common(origin),
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
    dueAt: start,
    scheduledAt,
    expiresAt: start + origin.validityMs,
    doneAt: null,
  };
}

/** The row of a refused message that its client may look up later. It costs nothing. */
export function newRefusedMessage(
  refused: Refused & { destination: Message['destination'] },
  asked: OutgoingMessage,
  origin: Origin,
): Message {
  return {
    ...common(origin),
    destination: refused.destination,
    sender: asked.sender.slice(0, 64),
    text: asked.text.slice(0, asked.limits.characters),
    encoding: 'gsm7',
    parts: 0,
    price: millicredits(0),
    clientRef: asked.clientRef ?? null,
    status: 'rejected',
    error: refused.error.code,
    errorDetail: refused.error.detail,
    linkId: null,
    dueAt: origin.now,
    scheduledAt: null,
    expiresAt: origin.now,
    doneAt: origin.now,
  };
}

const common = ({ id, accountId, submissionId, position, now }: Origin) => ({
  id,
  accountId,
  submissionId,
  position,
  priority: 0,
  attempts: 0,
  possiblyDoubled: 0 as const,
  lockedBy: null,
  createdAt: now,
  sentAt: null,
});
