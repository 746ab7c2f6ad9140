import type { AccountId, MessageId } from '../../core/ids.ts';
import type { OutgoingPart } from '../../core/ports/transport.ts';
import type { E164 } from '../../text/phone-number.ts';

/** What a test says of a part; the rest is filled in. */
export type PartWish = Partial<Omit<OutgoingPart, 'destination' | 'messageId'>> & {
  destination?: string;
  messageId?: string;
};

/** In every text the test kit sends, so that it is found where no text may be. */
export const privateWord = 'quokka-in-private';

let messages = 0;

/** Takes what a test cares about; gives a whole part, of a message of its own unless it names one. */
export function outgoingPart(wish: PartWish = {}): OutgoingPart {
  const { destination = '+61412345678', messageId, ...rest } = wish;
  return {
    accountId: 'account' as AccountId,
    messageId: (messageId ?? `message-${++messages}`) as MessageId,
    number: 1,
    total: 1,
    destination: destination as E164,
    sender: 'CompanyABC',
    text: `Hello, ${privateWord}`,
    wholeText: wish.text ?? `Hello, ${privateWord}`,
    medium: 'sms',
    encoding: 'gsm7',
    simulate: null,
    device: null,
    priority: 0,
    secret: null,
    expiresAt: Number.MAX_SAFE_INTEGER,
    possiblyDoubled: false,
    flash: false,
    attempt: 1,
    ...rest,
  };
}

/** Takes how many; gives the parts of one long message. */
export function outgoingParts(total: number, wish: PartWish = {}): OutgoingPart[] {
  const first = outgoingPart({ ...wish, total });
  const textOf = (index: number) => `Part ${index + 1}, ${privateWord}`;
  const wholeText = Array.from({ length: total }, (_, index) => textOf(index)).join('');
  return Array.from({ length: total }, (_, index) => ({
    ...first,
    number: index + 1,
    text: textOf(index),
    wholeText,
  }));
}
