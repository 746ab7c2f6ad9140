import type { Tlv } from './wire.ts';
import { cString, tags } from './wire.ts';

/** `stat` of a receipt's text and the message_state beside it (specification 5.2.28, appendix B). */
export const stats = {
  ENROUTE: 1,
  DELIVRD: 2,
  EXPIRED: 3,
  DELETED: 4,
  UNDELIV: 5,
  ACCEPTD: 6,
  UNKNOWN: 7,
  REJECTD: 8,
  /** In no specification, and sent all the same. */
  FAILED: 5,
} as const;

export type Stat = keyof typeof stats;

/** What a receipt tells. */
export interface ReceiptFacts {
  id: string;
  stat: Stat;
  err: string;
  submittedAt: Date;
  doneAt: Date;
  /** The beginning of the message. */
  text: string;
}

/** How carriers write the text of a receipt; `standard` is that of the specification's appendix B. */
export const receiptTexts = {
  standard: (facts: ReceiptFacts) =>
    `id:${facts.id} sub:001 dlvrd:001 submit date:${date(facts.submittedAt, 10)} done date:${date(facts.doneAt, 10)} stat:${facts.stat} err:${facts.err} text:${facts.text}`,
  'without sub and dlvrd': (facts: ReceiptFacts) =>
    `id:${facts.id} submit date:${date(facts.submittedAt, 10)} done date:${date(facts.doneAt, 10)} stat:${facts.stat} err:${facts.err} text:${facts.text}`,
  reordered: (facts: ReceiptFacts) =>
    `stat:${facts.stat} err:${facts.err} done date:${date(facts.doneAt, 10)} id:${facts.id} submit date:${date(facts.submittedAt, 10)}`,
  'dates with seconds': (facts: ReceiptFacts) =>
    `id:${facts.id} sub:001 dlvrd:001 submit date:${date(facts.submittedAt, 12)} done date:${date(facts.doneAt, 12)} stat:${facts.stat} err:${facts.err} Text:${facts.text}`,
  'letters in err': (facts: ReceiptFacts) =>
    `id:${facts.id} sub:001 dlvrd:001 submit date:${date(facts.submittedAt, 10)} done date:${date(facts.doneAt, 10)} stat:${facts.stat} err:E4F text:${facts.text}`,
  'other case': (facts: ReceiptFacts) =>
    `ID:${facts.id} Sub:001 Dlvrd:001 Submit Date:${date(facts.submittedAt, 10)} Done Date:${date(facts.doneAt, 10)} Stat:${facts.stat.toLowerCase()} Err:${facts.err} Text:${facts.text}`,
  /** The message itself looks like a receipt of another one that failed. */
  'a receipt in its text': (facts: ReceiptFacts) =>
    `id:${facts.id} sub:001 dlvrd:001 submit date:${date(facts.submittedAt, 10)} done date:${date(facts.doneAt, 10)} stat:${facts.stat} err:${facts.err} text:id:1 stat:UNDELIV err:9`,
  brief: (facts: ReceiptFacts) => `id:${facts.id} stat:${facts.stat}`,
} as const;

export type ReceiptText = keyof typeof receiptTexts;

/** receipted_message_id and message_state. */
export function receiptTlvs({ id, stat }: Pick<ReceiptFacts, 'id' | 'stat'>): Tlv[] {
  return [
    { tag: tags.receiptedMessageId, value: cString(id) },
    { tag: tags.messageState, value: Buffer.from([stats[stat]]) },
  ];
}

/** YYMMDDhhmm, or with seconds. */
function date(at: Date, digits: 10 | 12): string {
  return at
    .toISOString()
    .replaceAll(/\D/g, '')
    .slice(2, 2 + digits);
}
