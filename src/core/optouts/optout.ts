import type { E164 } from '../../text/phone-number.ts';
import type { AccountId, ReplyId } from '../ids.ts';

/** A number that must not be sent to by an account. */
export interface Optout {
  accountId: AccountId;
  number: E164;
  /** How it came: the handset wrote, or its link was followed; the client asked, the owner asked. */
  source: 'reply' | 'link' | 'api' | 'cli';
  replyId: ReplyId | null;
  createdAt: number;
}
