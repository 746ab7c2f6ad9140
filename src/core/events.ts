import type { E164 } from '../text/phone-number.ts';
import type { MessageDevice } from './devices/device.ts';
import type { ErrorCode } from './errors.ts';
import type {
  AccountId,
  DeviceId,
  MessageId,
  NotificationId,
  ReplyId,
  ScopedOptoutId,
  SubmissionId,
} from './ids.ts';
import type { ShortLink, Visit } from './links/short-link.ts';
import type { Message } from './messages/message.ts';
import type { Millicredits } from './money.ts';
import type { Medium } from './messages/medium.ts';
import type { Scope } from './optouts/scope.ts';

/**
 * Facts of the core that others hear of. An event holds all that is needed to tell it, so that it can
 * still be told when the message itself has been archived.
 */
export type Event = Facts & {
  /** Once somebody is to hear of it: the same wherever it is told. Older ones have none. */
  id?: NotificationId;
};

type Facts =
  | MessageEvent<'message.accepted'>
  /** The time of a scheduled one has come. */
  | MessageEvent<'message.released'>
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
  /** Somebody followed a link whose account wants to hear of it, or a program looked where it leads. */
  | {
      type: 'link.visited';
      accountId: AccountId;
      at: number;
      link: LinkFacts;
      visit: Pick<Visit, 'kind' | 'userAgent' | 'address'>;
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
  /** Absent where it is about everything. */
  scope?: Scope & { id: ScopedOptoutId };
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
  /** As `Message.medium`; absent for texts. */
  medium?: Exclude<Medium, 'sms'>;
  /** By which phone and SIM, as far as they are known; absent where it goes another way. */
  device?: MessageDevice;
  /** Absent in events of before it was kept. */
  createdAt?: number;
  /** When the network had taken all of it; null when it never did. */
  sentAt: number | null;
  /** As `Message.extras`; absent where there is nothing. */
  extras?: NonNullable<Message['extras']>;
  /** What its account was charged; absent where it was nothing, and in events of before it was kept. */
  price?: Millicredits;
}

/** A short link; `endpointId` is where its visits are told. */
export interface LinkFacts extends Pick<ShortLink, 'code' | 'url' | 'title' | 'endpointId'> {
  shortUrl: string;
}

export interface ReplyFacts {
  id: ReplyId;
  /** The handset. */
  from: E164;
  /** The address it wrote to, as the network named it. */
  to: string;
  /** The phone that received it; absent where it came another way. */
  device?: DeviceId;
  text: string;
  /** What its account calls the handset; absent where it has no name for it. */
  alias?: string;
  /** What the core did with it. */
  keyword: 'stop' | 'start' | null;
  /** The last message that was sent to that handset, when there is one. */
  original: OriginalFacts | null;
}

/** The message that a reply answers. What may be absent was not kept always. */
export type OriginalFacts = Pick<MessageFacts, 'id' | 'clientRef' | 'extras'> &
  Partial<Pick<MessageFacts, 'text' | 'sender' | 'medium' | 'createdAt'>>;

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
    ...(message.medium !== 'sms' && { medium: message.medium }),
    ...(message.device !== null && { device: message.device }),
    createdAt: message.createdAt,
    sentAt: message.sentAt,
    ...(message.extras !== null && { extras: message.extras }),
    ...(message.price > 0 && { price: message.price }),
  };
}

/** What is told of the message that a reply answers. */
export function originalFactsOf(message: Message): OriginalFacts {
  const { id, clientRef, text, sender, medium, createdAt, extras } = factsOf(message);
  return {
    id,
    clientRef,
    text,
    sender,
    ...(medium && { medium }),
    ...(createdAt !== undefined && { createdAt }),
    ...(extras && { extras }),
  };
}
