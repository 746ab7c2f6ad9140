import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, EndpointId, MessageId } from '../ids.ts';
import type { ShortCode } from './code.ts';

/**
 * A URL of ours that leads to a longer one. It stands in a message's text in the place of that and belongs to the one
 * message, so that who follows it is that message's recipient; or it is an account's own (`own-links.ts`), for
 * anybody. Instants are epoch milliseconds.
 */
export interface ShortLink {
  code: ShortCode;
  accountId: AccountId;
  /** Null: an account's own; it has no destination then. */
  messageId: MessageId | null;
  destination: E164 | null;
  /** Where it leads, as it was written. */
  url: string;
  /** What the client keeps with the message to find it by. */
  metadata: Metadata | null;
  /** For people; messages' links have none. */
  title: string | null;
  /** As its account says (`OwnLink.advanced`). Null in links of older releases. */
  advanced: 0 | 1 | null;
  /** That of its account's endpoints that is told of visits. */
  endpointId: EndpointId | null;
  /** When its message was accepted, or is to be sent: it is kept from then on. */
  createdAt: number;
  /** When its account last said where it leads; null for messages' links. */
  changedAt: number | null;
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

/** Each visit is counted; so many of one message's link are kept with their time … */
export const mostVisitsKept = 200;
/** … and of an account's own link, which many may follow. */
const mostVisitsOfOwnKept = 10_000;

export function visitsKeptOf({ messageId }: Pick<ShortLink, 'messageId'>): number {
  return messageId === null ? mostVisitsOfOwnKept : mostVisitsKept;
}

/** What is asked of links; all of it must be so. */
export interface ShortLinkSearch {
  /** Those of messages (false), or accounts' own (true); default both. */
  own?: boolean | undefined;
  destination?: E164 | undefined;
  /** As it stood in the text. */
  url?: string | undefined;
  /** A pair of the metadata; one side alone stands for any other. */
  metadata?: { name?: string | undefined; value?: string | undefined } | undefined;
}

/** What is asked of an account's own links; all of it must be so. Letters of ASCII are the same in either case. */
export interface OwnLinkSearch {
  /** Stands in its title. */
  title?: string | undefined;
  /** Stands in where it leads. */
  url?: string | undefined;
  endpointId?: EndpointId | undefined;
  advanced?: boolean | undefined;
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
