import type { E164 } from '../../text/phone-number.ts';
import type { Encoding } from '../../text/parts.ts';
import type { DeliveryErrorCode } from '../errors.ts';
import type { LinkId, MessageId } from '../ids.ts';
import type { PartStatus } from '../messages/status.ts';

/** A part on its way out. */
export interface OutgoingPart {
  messageId: MessageId;
  /** From 1. */
  number: number;
  total: number;
  destination: E164;
  sender: string;
  /** This part's own text. */
  text: string;
  encoding: Encoding;
  /** The network should give up after this instant. */
  expiresAt: number;
  /** It may have been handed over before (the link's `resend` policy). */
  possiblyDoubled: boolean;
}

/** What the network said to the hand-over of one part. */
export type SendOutcome =
  | { kind: 'accepted'; upstreamId: string }
  /** Not now. `throttled`: too fast, no try is counted; the link rests for `retryAfterMs`. */
  | {
      kind: 'retryable';
      code: Extract<DeliveryErrorCode, 'link_unavailable' | 'link_throttled'>;
      detail: string;
      retryAfterMs?: number;
    }
  | {
      kind: 'refused';
      code: Extract<DeliveryErrorCode, 'refused_by_link'>;
      detail: string;
    }
  /** It left, and no answer came: it must not be sent again by itself. */
  | { kind: 'unknown'; detail: string };

/** News of a part that the network had taken. */
export interface ReceiptNews {
  linkId: LinkId;
  upstreamId: string;
  status: Extract<PartStatus, 'delivered' | 'failed' | 'expired' | 'rejected'>;
  /** The network's own code or words for it. */
  detail: string | null;
  at: number;
}

/** A message that a handset sent. */
export interface ReplyNews {
  linkId: LinkId;
  from: E164;
  to: string;
  text: string;
  at: number;
  /** The network's id for it, when it has one: the same one twice is one reply. */
  upstreamId: string | null;
}

/** What a link may ask of the gateway. */
export interface LinkHost {
  /** Resolves when the news is on disk: only then may the network be told that we have it. */
  receipt(news: ReceiptNews): Promise<void>;
  /** Resolves when the reply is on disk. */
  reply(news: ReplyNews): Promise<void>;
}

export type LinkState = 'starting' | 'up' | 'down' | 'stopped';

/** One configured instance of a transport. */
export interface Link {
  readonly id: LinkId;
  /** How many parts may be on their way at once. */
  readonly window: number;
  state(): LinkState;
  start(host: LinkHost): Promise<void>;
  /** Never throws and never hangs: a lost answer is the outcome `unknown`. */
  send(part: OutgoingPart): Promise<SendOutcome>;
  /** Waits for what is under way, then lets go of the network. */
  stop(): Promise<void>;
}
