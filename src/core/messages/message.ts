import type { E164 } from '../../text/phone-number.ts';
import type { Encoding } from '../../text/parts.ts';
import type { MessageDevice } from '../devices/device.ts';
import type { ErrorCode } from '../errors.ts';
import type { AccountId, LinkId, MessageId, NodeId, ProductId, SubmissionId } from '../ids.ts';
import type { Millicredits } from '../money.ts';
import type { Medium } from './medium.ts';
import type { MessageStatus, PartStatus } from './status.ts';

/** One text to one destination, as it is stored. Instants are epoch milliseconds. */
export interface Message {
  id: MessageId;
  accountId: AccountId;
  submissionId: SubmissionId;
  /** Its place in the submission, from 0. */
  position: number;
  destination: E164;
  /** The address it shows. */
  sender: string;
  text: string;
  /**
   * Sealed: what goes out behind its text and is shown and kept nowhere else. Null where there is none, and once
   * nothing more is to be handed over.
   */
  secret: string | null;
  medium: Medium;
  encoding: Encoding;
  parts: number;
  /** What its account is charged for it. */
  price: Millicredits;
  /** What it costs us on the link it is routed to; null where no rule says so. */
  cost: Millicredits | null;
  /** The client's own reference, as it was given. */
  clientRef: string | null;
  /** The class of traffic that the client says it is, in the words of its dialect. */
  product: string | null;
  /** From whose purse it was paid; null: its account's own. */
  productId: ProductId | null;
  /** The way it came in: the name of a dialect, or one of ours. */
  channel: string | null;
  /** Labels that the client gave it. */
  tags: readonly string[] | null;
  /** It is only played: by a link that is a simulator, to this end. Null: it is real. */
  simulate: Simulation | null;
  /** By which of its account's phones it goes; null: whatever the routes say. */
  device: MessageDevice | null;
  /** 1 where it is to be shown at once and not kept (class 0 of 3GPP TS 23.038), as far as its link can say so. */
  flash: 0 | 1;
  /** What its way in keeps with it, to know it again when it is told of it; that one's to read. */
  extras: Readonly<Record<string, unknown>> | null;
  status: MessageStatus;
  /** Why it did not (yet) arrive. */
  error: ErrorCode | null;
  errorDetail: string | null;
  /** The link it is routed to; null when it was refused before routing. */
  linkId: LinkId | null;
  /** Higher goes first. */
  priority: number;
  /**
   * The network's id of a message that it took as one part, at the first hand-over: such a message has no part of its
   * own in storage (`lone-part.ts`). Null: it has not, or it has parts.
   */
  upstreamId: string | null;
  /** Hand-overs begun. */
  attempts: number;
  /** 1 when it was handed over again after an unknown end, by the link's `resend` policy. */
  possiblyDoubled: 0 | 1;
  /** When this row next needs someone: its time to be sent, its lease's end, its receipt's deadline. */
  dueAt: number;
  /** The node that has claimed it; the claim ends at `dueAt`. */
  lockedBy: NodeId | null;
  scheduledAt: number | null;
  expiresAt: number;
  createdAt: number;
  sentAt: number | null;
  /** When it reached its end. */
  doneAt: number | null;
  /** Since when its account sees it no more: it was erased, and its text with it, or sent anew. */
  hiddenAt: number | null;
}

/** How a message that is only played is to end. */
export type Simulation = 'delivered' | 'failed';

/** One radio segment of a message, once it was handed over. */
export interface Part {
  messageId: MessageId;
  /** From 1. */
  number: number;
  linkId: LinkId;
  /** The network's id for it, normalised by the link. */
  upstreamId: string | null;
  status: PartStatus;
  error: string | null;
  sentAt: number;
  doneAt: number | null;
}

/** A remark on a message's way that its own fields do not show: a retry, a lease that ran out, a refund. */
export interface TimelineEntry {
  messageId: MessageId;
  at: number;
  what: string;
  detail: string | null;
}
