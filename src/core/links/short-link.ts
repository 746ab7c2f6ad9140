import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, MessageId } from '../ids.ts';
import type { ShortCode } from './code.ts';

/**
 * A URL of ours that stands in a message's text in the place of a longer one. Each belongs to one message, so
 * that who follows it is that message's recipient. Instants are epoch milliseconds.
 */
export interface ShortLink {
  code: ShortCode;
  accountId: AccountId;
  messageId: MessageId;
  destination: E164;
  /** Where it leads, as it stood in the text. */
  url: string;
  /** What the client keeps with the message to find it by. */
  metadata: Metadata | null;
  /** When its message was accepted, or is to be sent: it is kept from then on. */
  createdAt: number;
  /** How often somebody followed it … */
  clicks: number;
  /** … and how often a program looked where it leads. */
  views: number;
}

/** Names and values of a client's own. */
export type Metadata = readonly (readonly [name: string, value: string])[];

/** `click`: a person follows a link. `view`: a program looks where it leads, for a preview or to judge it. */
export type VisitKind = 'click' | 'view';

/** One request of a short link. */
export interface Visit {
  code: ShortCode;
  kind: VisitKind;
  at: number;
  /** What the visitor calls itself, shortened; null where that is not kept. */
  userAgent: string | null;
  /** Null where it is not kept. */
  address: string | null;
}

/** Each visit is counted; so many of one link are kept with their time. */
export const mostVisitsKept = 200;

/** What is asked of links; all of it must be so. */
export interface ShortLinkSearch {
  destination?: E164 | undefined;
  /** As it stood in the text. */
  url?: string | undefined;
  /** A pair of the metadata; one side alone stands for any other. */
  metadata?: { name?: string | undefined; value?: string | undefined } | undefined;
}

/** What links come to. Each belongs to one recipient, so the links that were followed are the unique clicks. */
export interface ShortLinkTotals {
  links: number;
  clicks: number;
  views: number;
  /** Links with at least one click. */
  clicked: number;
  /** Links with at least one view. */
  viewed: number;
}
