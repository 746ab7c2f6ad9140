import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, DeviceId, LinkId, MessageId, ReplyId } from '../ids.ts';

/** An incoming message, whether or not it answers one of ours. */
export interface Reply {
  id: ReplyId;
  /** Null when no account owns the address and none wrote to that handset. */
  accountId: AccountId | null;
  linkId: LinkId;
  /** The network's id; with the link it is unique, so that a repeated delivery is one reply. */
  upstreamId: string | null;
  from: E164;
  to: string;
  text: string;
  keyword: 'stop' | 'start' | null;
  /** The last message sent to that handset from that address. */
  messageId: MessageId | null;
  receivedAt: number;
  /** The phone that it came to, where it came to one. */
  device: DeviceId | null;
  /** When its account marked it as read. */
  readAt: number | null;
  /** What its account calls who wrote it. */
  alias: string | null;
  /** Since when its account sees it no more: it was erased, and its text with it. */
  hiddenAt: number | null;
}
