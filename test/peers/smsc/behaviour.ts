import type { ReceiptFacts, ReceiptText, Stat } from './receipts.ts';
import type { ShortMessage, Tlv } from './wire.ts';
import { statuses, tags } from './wire.ts';

/** Milliseconds, or a time between two bounds that the seed chooses. */
export type Delay = number | readonly [least: number, most: number];

/** What the carrier does with one submit. */
export interface Behaviour {
  /** The status of the answer; other than 0 the message is not taken. */
  status: number;
  /** The id in answer and receipts; null: the next one, in the carrier's forms. */
  id: string | null;
  /** False: there is never an answer. */
  answers: boolean;
  answerAfterMs: Delay;
  /** Above 1: answers wait until there are so many, or for `holdMs`, and leave in another order. */
  hold: number;
  /** The answer bears a sequence number that nobody used. */
  wrongSequence: boolean;
  /**
   * The line is cut: `unseen` before the message is taken, `taken` after that and before the answer,
   * `mid-answer` when half of the answer is out, `answered` right after it.
   */
  cut: 'unseen' | 'taken' | 'mid-answer' | 'answered' | null;
  /** Null: no receipt, whatever was asked for. */
  receipts: ReceiptPlan | null;
}

export interface ReceiptPlan {
  /** One receipt for each, in this order. */
  stats: readonly Stat[];
  /** After the answer, or where there is none after the submit; for each receipt anew. */
  afterMs: Delay;
  /** The first receipt goes out before the answer. */
  early: boolean;
  /** Each receipt comes so often. */
  times: number;
  by: 'deliver_sm' | 'data_sm';
  /** Where the facts are. */
  facts: 'text and TLVs' | 'text' | 'TLVs';
  text: ReceiptText | ((facts: ReceiptFacts) => string);
  /** The text is in message_payload. */
  payload: boolean;
  err: string | null;
  /** 0x04 marks a receipt. */
  esmClass: number;
  /** `other`: on another bind of the same system_id, and not before there is one. */
  on: 'same' | 'other';
  /** Our own sender is its source, and the handset its destination. */
  swapped: boolean;
  tlvs: readonly Tlv[];
}

/** Which submits, by all that is named; and what is different for them. */
export interface Rule {
  /** How their destination ends. */
  to?: string | RegExp;
  /** Their number among the parts of one message, by UDH or sar TLVs. */
  part?: number;
  /** Submits are counted from 1, on all binds together. */
  nth?: number;
  every?: number;
  /** From 0 to 1. */
  chance?: number;
  /** It holds at most so often. */
  times?: number;
  do: Partial<Omit<Behaviour, 'receipts'>> & { receipts?: Partial<ReceiptPlan> | null };
}

const wellBehaved: Behaviour & { receipts: ReceiptPlan } = {
  status: statuses.ok,
  id: null,
  answers: true,
  answerAfterMs: 0,
  hold: 1,
  wrongSequence: false,
  cut: null,
  receipts: {
    stats: ['DELIVRD'],
    afterMs: 0,
    early: false,
    times: 1,
    by: 'deliver_sm',
    facts: 'text and TLVs',
    text: 'standard',
    payload: false,
    err: null,
    esmClass: 0x04,
    on: 'same',
    swapped: false,
    tlvs: [],
  },
};

/** Decides what becomes of each submit. Rules are asked in their order; a later one wins. */
export class Rules {
  readonly #random: (below: number) => number;
  readonly #held = new Map<Rule, number>();
  #count = 0;

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  behaviourFor(message: ShortMessage, rules: readonly Rule[]): Behaviour {
    this.#count += 1;
    let behaviour: Behaviour = wellBehaved;
    for (const rule of rules) {
      if (!this.#holds(rule, message)) continue;
      this.#held.set(rule, (this.#held.get(rule) ?? 0) + 1);
      const receipts =
        rule.do.receipts === null
          ? null
          : {
              ...(behaviour.receipts ?? wellBehaved.receipts),
              ...rule.do.receipts,
            };
      behaviour = {
        ...behaviour,
        ...rule.do,
        receipts: 'receipts' in rule.do ? receipts : behaviour.receipts,
      };
    }
    return behaviour;
  }

  #holds(rule: Rule, message: ShortMessage): boolean {
    const { to, part, nth, every, chance, times } = rule;
    const { digits } = message.destination;
    if (times !== undefined && (this.#held.get(rule) ?? 0) >= times) return false;
    if (to !== undefined && !(typeof to === 'string' ? digits.endsWith(to) : to.test(digits))) {
      return false;
    }
    if (part !== undefined && partNumberOf(message) !== part) return false;
    if (nth !== undefined && this.#count !== nth) return false;
    if (every !== undefined && this.#count % every !== 0) return false;
    return chance === undefined || this.#random(1_000_000) < chance * 1_000_000;
  }
}

/** By the user data header (3GPP TS 23.040, 9.2.3.24) or the sar TLVs; 1 for a message of one part. */
export function partNumberOf({ esmClass, text, tlvs }: ShortMessage): number {
  const sar = tlvs.find(({ tag }) => tag === tags.sarNumber);
  if (sar) return sar.value[0] as number;
  if ((esmClass & 0x40) === 0) return 1;
  const end = 1 + (text[0] as number);
  for (let at = 1; at + 2 <= end; at += 2 + (text[at + 1] as number)) {
    if (text[at] === 0x00) return text[at + 4] as number;
    if (text[at] === 0x08) return text[at + 5] as number;
  }
  return 1;
}
