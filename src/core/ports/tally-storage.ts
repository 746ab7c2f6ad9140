import type { AccountId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { Page, Span } from './page.ts';

/** What accounts' messages come to: a part of `Reads`. */

/** Messages of one account that have the same of these. */
export interface Tally extends Pick<Message, 'product' | 'status' | 'error'> {
  messages: number;
  parts: number;
  price: number;
}

/** Which messages are listed and counted: those of a span, or those whose reference begins so; or both. */
export interface TallySearch {
  /** When they were accepted. */
  created?: Span | undefined;
  /** What the client's reference begins with. */
  refBegins?: string | undefined;
  destination?: Message['destination'] | undefined;
}

export interface TallyReads {
  /** Those of an account that were accepted in a span, without those that it sees no more. */
  ofAccount(accountId: AccountId, created: Span): Promise<Tally[]>;
  /** How many messages of an account there are; more than so many are not counted. */
  count(accountId: AccountId, search: TallySearch, most: number): Promise<number>;
  /** The same messages, in the order in which they were accepted. */
  list(accountId: AccountId, search: TallySearch & Page): Promise<Message[]>;
}
