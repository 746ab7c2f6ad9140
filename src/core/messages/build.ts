import type { AccountId, MessageId, SubmissionId } from '../ids.ts';
import { millicredits } from '../money.ts';
import type { MessageError } from '../errors.ts';
import type { Message } from './message.ts';
import type { Routing } from '../routing/routing.ts';
import type { Prepared } from './prepare.ts';

/** What a message has from the submission it is part of. */
export interface Origin {
  id: MessageId;
  accountId: AccountId;
  submissionId: SubmissionId;
  position: number;
  /** The way it came in. */
  channel: string;
  now: number;
  validityMs: number;
}

/** However long its client would wait: no configuration says more. */
const longestValidityMs = 720 * 3600_000;

/** The row of a message that may be accepted, on the link that its route has for it at this moment. */
export function newMessage(prepared: Prepared, origin: Origin, routing: Routing): Message {
  const { scheduledAt, route, destination, parts } = prepared;
  const target = routing.first(route, origin.id);
  const start = scheduledAt ?? origin.now;
  return {
    id: origin.id,
    accountId: origin.accountId,
    submissionId: origin.submissionId,
    position: origin.position,
    destination,
    sender: prepared.sender,
    text: prepared.text,
    encoding: prepared.encoding,
    parts,
    price: prepared.price,
    cost: route.cost(target, destination, parts),
    clientRef: prepared.clientRef,
    product: prepared.product,
    channel: origin.channel,
    tags: prepared.tags,
    extras: prepared.extras,
    status: scheduledAt === null ? 'queued' : 'scheduled',
    error: null,
    errorDetail: null,
    linkId: target.link,
    priority: prepared.priority,
    attempts: 0,
    possiblyDoubled: 0,
    dueAt: start,
    lockedBy: null,
    scheduledAt,
    expiresAt: Math.min(prepared.expiresAt ?? start + origin.validityMs, start + longestValidityMs),
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
    cost: null,
    status: 'rejected',
    error: error.code,
    errorDetail: error.detail,
    linkId: null,
    attempts: 0,
    lockedBy: null,
    dueAt: message.createdAt,
    expiresAt: message.createdAt,
    doneAt: message.createdAt,
  };
}
