import type { SmppSettings } from './settings.ts';

/**
 * Carriers write one id in several ways: upper and lower case, with leading zeros or without, and
 * hexadecimal in the answer to submit_sm but decimal in the receipt, or the reverse. Kept is the
 * answer's form, in lower case without leading zeros; a receipt's is turned into it.
 */
export type IdForm = Exclude<SmppSettings['receipts']['ids'], 'auto'>;

/** The forms in the order in which they are tried while nothing is known. */
const forms: readonly IdForm[] = ['same', 'hex-answers', 'hex-receipts'];

/** Matches of one form, in a row, after which no other is tried. */
const enough = 20;

/** The key under which the answer's id is kept. */
export function keyOfAnswer(id: string): string {
  const bare = id.trim().toLowerCase();
  return bare.replace(/^0+(?=.)/, '');
}

/** The key that a receipt's id would have been kept under; undefined when it cannot be of that form. */
export function keyOfReceipt(id: string, form: IdForm): string | undefined {
  const key = keyOfAnswer(id);
  switch (form) {
    case 'same':
      return key;
    case 'hex-answers':
      return /^\d{1,39}$/.test(key) ? BigInt(key).toString(16) : undefined;
    case 'hex-receipts':
      return /^[0-9a-f]{1,32}$/.test(key) ? BigInt(`0x${key}`).toString(10) : undefined;
  }
}

/**
 * Learns which form a carrier's receipts have, by which one finds its part.
 *
 *   unknown ──`enough` receipts found in one form──▶ known
 *
 * While unknown, each receipt is looked for in all forms, likeliest first. One id can be another's in
 * another form (10 is hexadecimal 16), so a match by another form than `same` counts only where the
 * handset's number agrees; the core sees to that.
 */
export class IdForms {
  #known: IdForm | undefined;
  #candidate: IdForm | undefined;
  #hits = 0;
  readonly #onLearned: (form: IdForm) => void;

  /** @param onLearned told once when receipts turned out to have another form than the answers. */
  constructor(setting: SmppSettings['receipts']['ids'], onLearned: (form: IdForm) => void) {
    this.#known = setting === 'auto' ? undefined : setting;
    this.#onLearned = onLearned;
  }

  /** The keys to look for, likeliest first: at least one. */
  keysOf(receiptId: string): string[] {
    const keys = this.#order().flatMap((form) => keyOfReceipt(receiptId, form) ?? []);
    return keys.length > 0 ? [...new Set(keys)] : [keyOfAnswer(receiptId)];
  }

  /** A receipt of this id was found under this key. */
  found(receiptId: string, key: string): void {
    if (this.#known) return;
    const form = this.#order().find((one) => keyOfReceipt(receiptId, one) === key);
    if (!form) return;
    // Ids of one digit are the same in all forms: they tell nothing.
    if (forms.some((other) => other !== form && keyOfReceipt(receiptId, other) === key)) return;
    if (form !== this.#candidate) {
      this.#candidate = form;
      this.#hits = 0;
    }
    this.#hits += 1;
    if (this.#hits < enough) return;
    this.#known = form;
    if (form !== 'same') this.#onLearned(form);
  }

  #order(): readonly IdForm[] {
    if (this.#known) return [this.#known];
    const candidate = this.#candidate;
    return candidate ? [candidate, ...forms.filter((form) => form !== candidate)] : forms;
  }
}
