import type { E164 } from '../../text/phone-number.ts';
import type { Alphabet } from '../../text/alphabets.ts';
import type { Encoding } from '../../text/parts.ts';
import type { DeliveryErrorCode } from '../errors.ts';
import type { MessageDevice } from '../devices/device.ts';
import type { Swept } from '../devices/swept.ts';
import type { DeviceNews } from '../devices/device-news.ts';
import type { AccountId, DeviceId, LinkId, MessageId } from '../ids.ts';
import type { Medium } from '../messages/medium.ts';
import type { Simulation } from '../messages/message.ts';
import type { PartStatus } from '../messages/status.ts';

/** A part on its way out. */
export interface OutgoingPart {
  messageId: MessageId;
  accountId: AccountId;
  /** From 1. */
  number: number;
  total: number;
  destination: E164;
  sender: string;
  /** This part's own text. */
  text: string;
  /** The text of the whole message: all its parts are written in one way. */
  wholeText: string;
  /** As `Message.secret`; what it hides is in the texts above. */
  secret: string | null;
  medium: Medium;
  encoding: Encoding;
  /** As `Message.simulate`: for simulators. */
  simulate: Simulation | null;
  /** As `Message.device`: for links that go by phones. */
  device: MessageDevice | null;
  /** As `Message.flash`. */
  flash: boolean;
  /** As `Message.priority`. */
  priority: number;
  /** The network should give up after this instant. */
  expiresAt: number;
  /** It may have been handed over before (the link's `resend` policy). */
  possiblyDoubled: boolean;
  /**
   * Hand-overs of its message that have begun, this one among them: from 1, all links together. Those
   * that were throttled are not counted.
   */
  attempt: number;
}

/** The network's own name for its error, such as `ESME_RMSGQFUL`: for who counts. */
type Said = string;

/**
 * The network did not take the part for now, and nothing of it has left.
 *
 * `again` says where its message is tried next:
 * - `here`: by this link, after `retryAfterMs` (or, without it, a wait that grows with the tries);
 * - `elsewhere`: by the next link of its route, at once. When every link of the route has had its turn, or
 *   there is no other one that is up, there is a pause of `retryAfterMs` (or one that grows), and it may be
 *   this link's turn again. A message of which the network has a part already stays with its link.
 *
 * `link_throttled`: too fast. No try is counted, and the whole link rests for `retryAfterMs`; another link
 * would only be overrun in its place, so it is always tried again here.
 */
type NotNow = {
  kind: 'retryable';
  detail: string;
  retryAfterMs?: number;
  /** Throttled is this part (its sender, say), not the link: others may leave meanwhile. */
  onlyThis?: true;
  said?: Said;
} & (
  | { code: Extract<DeliveryErrorCode, 'link_unavailable'>; again: 'here' | 'elsewhere' }
  | { code: Extract<DeliveryErrorCode, 'link_throttled'>; again: 'here' }
);

/** What the network said to the hand-over of one part. */
export type SendOutcome =
  /**
   * `noReceipt`: none was asked for, or only one that says it failed: so none is waited for. `receiptBy`: none can
   * come after this instant.
   */
  | { kind: 'accepted'; upstreamId: string; noReceipt?: true; receiptBy?: number }
  | NotNow
  | {
      kind: 'refused';
      code: Extract<DeliveryErrorCode, 'refused_by_link'>;
      detail: string;
      said?: Said;
    }
  /** It left, and no answer came: it must not be sent again by itself. */
  | { kind: 'unknown'; detail: string };

/** News of a part that the network had taken. */
export interface ReceiptNews {
  linkId: LinkId;
  upstreamId: string;
  /**
   * Other ids that the receipt may mean, likeliest first: networks write one id in several ways. Only
   * where `numbers` agree, for one id can be another's in another form.
   */
  otherIds?: readonly string[];
  /**
   * The numbers that the receipt names, whichever is the handset's. Networks use ids again: so a part
   * whose destination is among them is preferred.
   */
  numbers?: readonly string[];
  status: Extract<PartStatus, 'delivered' | 'failed' | 'expired' | 'rejected'>;
  /** The network's own code or words for it. */
  detail: string | null;
  at: number;
}

/** An answer that came after its part was given up as `unknown`: what the network said to it after all. */
export interface LateAnswer {
  linkId: LinkId;
  messageId: MessageId;
  /** The part, from 1. */
  number: number;
  /** The hand-over that it answers (`OutgoingPart.attempt`). */
  attempt: number;
  /** As with an answer that came in time. */
  outcome: Exclude<SendOutcome, { kind: 'unknown' }>;
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
  /** The account's own phone that it came to: then it is that account's, whatever number that was. */
  device?: { id: DeviceId; accountId: AccountId };
}

/** One segment of a long reply. They come in any order, and through any node. */
export interface ReplySegment extends Omit<ReplyNews, 'text' | 'upstreamId' | 'device'> {
  /** Joins the segments of one reply from one handset. */
  reference: number;
  /** From 1. */
  number: number;
  total: number;
  /** Not a text yet: an escape or a surrogate pair may be cut between two segments. */
  alphabet: Alphabet;
  /** In that alphabet, as base64. */
  octets: string;
}

/** The queues of accounts' phones, for the link that fills them. */
export interface DeviceQueues {
  /** Puts a message into the queue of one of its account's phones. @throws GatewayError when it may be there or not. */
  take(part: OutgoingPart, linkId: LinkId): Promise<SendOutcome>;
  /** What follows from the silence of phones, whenever it is run. */
  sweep(): { run(): Promise<Swept> };
  /** Where a phone is woken through its maker's push service, and whose it is; null: it is not. */
  pushTokenOf(id: DeviceId): Promise<{ token: string; accountId: AccountId } | null>;
  readonly wakes: { on(listener: (id: DeviceId, news: DeviceNews) => void): () => void };
}

/** What a link may ask of the gateway. */
export interface LinkHost {
  readonly devices: DeviceQueues;
  /**
   * Resolves when the news is on disk: only then may the network be told that we have it.
   * @returns the id, of those the receipt may mean, that its part was found under; null when it waits for
   * its part.
   */
  receipt(news: ReceiptNews): Promise<string | null>;
  /** Resolves when the reply is on disk. */
  reply(news: ReplyNews): Promise<void>;
  /** Resolves when the segment is on disk, and with it the reply, when it was the last one missing. */
  segment(segment: ReplySegment): Promise<void>;
  /**
   * Resolves when the answer is on disk.
   * @returns false when the loss itself is not yet: then it must be told again.
   */
  late(answer: LateAnswer): Promise<boolean>;
}

export type LinkState = 'starting' | 'up' | 'down' | 'stopped';

/** One configured instance of a transport. */
export interface Link {
  readonly id: LinkId;
  /** How many parts may be on their way at once, at this moment. */
  readonly window: number;
  state(): LinkState;
  start(host: LinkHost): Promise<void>;
  /** The texts of the parts that a message falls into on this way; they join to its text. */
  split(text: string, encoding: Encoding): string[];
  /** How many parts its rate lets leave now; if none, after how many milliseconds it may be asked again. */
  pace(): { parts: number; waitMs: number };
  /** Never throws and never hangs: a lost answer is the outcome `unknown`. */
  send(part: OutgoingPart): Promise<SendOutcome>;
  /**
   * Waits for what is under way, then lets go of the network. Never takes longer than the network's
   * own time-out for an answer.
   */
  stop(): Promise<void>;
}
