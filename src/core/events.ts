import type { E164 } from '../text/phone-number.ts';
import type { ErrorCode } from './errors.ts';
import type { AccountId, MessageId, ReplyId, SubmissionId } from './ids.ts';
import type { Message } from './messages/message.ts';

/**
 * Facts of the core that others hear of. An event holds all that is needed to tell it, so that it can
 * still be told when the message itself has been archived.
 */
export type Event =
  | MessageEvent<'message.accepted'>
  | MessageEvent<'message.sent'>
  | MessageEvent<'message.delivered'>
  | MessageEvent<'message.failed'>
  | MessageEvent<'message.cancelled'>
  | PartEvent<'part.delivered'>
  | PartEvent<'part.failed'>
  | {
      type: 'reply.received';
      accountId: AccountId;
      at: number;
      reply: ReplyFacts;
      piece?: Piece;
    }
  | OptoutEvent<'optout.added'>
  | OptoutEvent<'optout.removed'>;

interface MessageEvent<Type extends string> {
  type: Type;
  accountId: AccountId;
  at: number;
  message: MessageFacts;
  piece?: Piece;
}

/** Where an event is told in several pieces (`SessionForm`): which of them this one is. */
export interface Piece {
  /** From 1. */
  number: number;
  total: number;
}

interface PartEvent<Type extends string> {
  type: Type;
  accountId: AccountId;
  at: number;
  message: MessageFacts;
  /** From 1. */
  part: number;
}

interface OptoutEvent<Type extends string> {
  type: Type;
  accountId: AccountId;
  at: number;
  number: E164;
}

export interface MessageFacts {
  id: MessageId;
  submissionId: SubmissionId;
  destination: E164;
  sender: string;
  text: string;
  clientRef: string | null;
  parts: number;
  status: Message['status'];
  error: ErrorCode | null;
  /** As `Message.errorDetail`; absent where there is none. */
  errorDetail?: string;
  /** When the network had taken all of it; null when it never did. */
  sentAt: number | null;
  /** As `Message.extras`; absent where there is nothing. */
  extras?: NonNullable<Message['extras']>;
}

export interface ReplyFacts {
  id: ReplyId;
  /** The handset. */
  from: E164;
  /** The address it wrote to, as the network named it. */
  to: string;
  text: string;
  /** What the core did with it. */
  keyword: 'stop' | 'start' | null;
  /** The last message that was sent to that handset, when there is one. */
  original: { id: MessageId; clientRef: string | null } | null;
}

/** The facts of a message as they are at this moment. */
export function factsOf(message: Message): MessageFacts {
  return {
    id: message.id,
    submissionId: message.submissionId,
    destination: message.destination,
    sender: message.sender,
    text: message.text,
    clientRef: message.clientRef,
    parts: message.parts,
    status: message.status,
    error: message.error,
    ...(message.errorDetail !== null && { errorDetail: message.errorDetail }),
    sentAt: message.sentAt,
    ...(message.extras !== null && { extras: message.extras }),
  };
}
