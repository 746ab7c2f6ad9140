import type { SmppSettings } from './settings.ts';

/**
 * Carriers write one id in several ways: upper and lower case, with leading zeros or without, and
 * hexadecimal in the answer to submit_sm but decimal in the receipt, or the reverse (Kannel's msg-id-type,
 * Jasmin's dlr_msgid and Sendium's msg.id.type have their owners say which). Kept is the
 * answer's form, in lower case without leading zeros; a receipt's is turned into it.
 */
export type IdForm = Exclude<SmppSettings['receipts']['ids'], 'auto'>;

/** The forms in the order in which they are tried while nothing is known. */
const forms: readonly IdForm[] = ['same', 'hex-answers', 'hex-receipts'];

/** Receipts found in one form, in a row, after which no other is tried; and not found, after which all are again. */
export const enough = 20;
/** Answers that are kept in mind while no form is known, and receipts. */
const mostKept = 10_000;

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

/** What a carrier's ids look like, as far as it has shown them: each is more than the one before. */
const looks = ['digits', 'hexadecimal', 'other'] as const;
type Look = (typeof looks)[number];

/**
 * Learns which form a carrier's receipts have, by which one finds its part.
 *
 *   unknown ──`enough` receipts in a row found in one form──▶ known
 *      ▲                                                        │
 *      └───────────`enough` in a row not found──────────────────┘
 *
 * It looks again since a carrier changes its form too, or another of its hosts has one of its own. A form that the
 * owner set is never left.
 *
 * While unknown, each receipt is looked for in all forms, likeliest first. One id can be another's in another form
 * (decimal 26 is hexadecimal 1a, and 26 may be another message's own), so a match by another form than `same` counts
 * only where the handset's number agrees; the core sees to that. Where one handset has both messages, likelier is:
 *
 * 1. a form in which the receipt names an answer of late that no receipt has named yet;
 * 2. the form that found more;
 * 3. hexadecimal on that side alone that has shown letters, where the other has shown digits only.
 *
 * A receipt that comes again means what it meant.
 */
export class IdForms {
  readonly #isSet: boolean;
  readonly #on: { learned(form: IdForm): void; lost(form: IdForm): void };
  #known: IdForm | undefined;
  /** Found in the same form, or not found, since it was otherwise. */
  #row: { form: IdForm | null; length: number } = { form: null, length: 0 };
  /** How many receipts each form found. */
  readonly #hits = new Map<IdForm, number>();
  /** Keys of answers that no receipt has named. */
  readonly #open = new Set<string>();
  /** What receipts name, by their ids; and whether it was found, or is only the likeliest as yet. */
  readonly #named = new Map<string, { key: string; isFound: boolean }>();
  #answers: Look = 'digits';
  #receipts: Look = 'digits';

  /**
   * @param on `learned`: receipts turned out to have another form than the answers; `lost`: they do not have the form
   * any more that was known.
   */
  constructor(
    setting: SmppSettings['receipts']['ids'],
    on: { learned(form: IdForm): void; lost(form: IdForm): void },
  ) {
    this.#isSet = setting !== 'auto';
    this.#known = setting === 'auto' ? undefined : setting;
    this.#on = on;
  }

  get isKnown(): boolean {
    return this.#known !== undefined;
  }

  /** The carrier answered with this id. @returns the key under which it is kept. */
  answered(id: string): string {
    const key = keyOfAnswer(id);
    if (this.#known) return key;
    this.#answers = wider(this.#answers, key);
    this.#open.add(key);
    forgetOldest(this.#open);
    return key;
  }

  /** The keys to look for, likeliest first: at least one. */
  keysOf(receiptId: string): string[] {
    if (this.#known) return [keyOfReceipt(receiptId, this.#known) ?? keyOfAnswer(receiptId)];
    const before = this.#named.get(receiptId);
    if (before?.isFound) return [before.key];
    this.#receipts = wider(this.#receipts, keyOfAnswer(receiptId));
    const keys = this.#order().flatMap((form) => keyOfReceipt(receiptId, form) ?? []);
    const likeliest = before?.key ?? keys.find((key) => this.#open.has(key));
    if (likeliest === undefined) return [...new Set(keys)];
    // Others may come before it is found: they do not mean the same. A second one for this part is looked for in just
    // the same way until then, or it could overtake the first.
    this.#name(receiptId, likeliest, false);
    return [...new Set([likeliest, ...keys])];
  }

  /** A receipt of this id was looked for, and found under this key or (null) not. */
  heard(receiptId: string, key: string | null): void {
    if (this.#known) {
      const isMissed = key === null && !this.#isSet;
      this.#row = { form: null, length: isMissed ? this.#row.length + 1 : 0 };
      if (this.#row.length >= enough) this.#lose(this.#known);
      return;
    }
    const guess = this.#named.get(receiptId);
    if (guess && guess.key !== key) {
      this.#named.delete(receiptId);
      this.#open.add(guess.key);
    }
    if (key === null) return;
    this.#name(receiptId, key, true);
    const [form, another] = forms.filter((one) => keyOfReceipt(receiptId, one) === key);
    // Ids of one digit are the same in all forms: they tell nothing.
    if (!form || another) return;
    this.#hits.set(form, (this.#hits.get(form) ?? 0) + 1);
    this.#row = { form, length: form === this.#row.form ? this.#row.length + 1 : 1 };
    if (this.#row.length >= enough) this.#learn(form);
  }

  #learn(form: IdForm): void {
    this.#forget();
    this.#known = form;
    if (form !== 'same') this.#on.learned(form);
  }

  #lose(form: IdForm): void {
    this.#forget();
    this.#known = undefined;
    this.#on.lost(form);
  }

  #forget(): void {
    this.#row = { form: null, length: 0 };
    this.#hits.clear();
    this.#open.clear();
    this.#named.clear();
    this.#answers = 'digits';
    this.#receipts = 'digits';
  }

  #name(receiptId: string, key: string, isFound: boolean): void {
    this.#open.delete(key);
    this.#named.set(receiptId, { key, isFound });
    forgetOldest(this.#named);
  }

  #order(): IdForm[] {
    const likely = likelyByLook(this.#answers, this.#receipts);
    const hits = (form: IdForm) => this.#hits.get(form) ?? 0;
    return [...new Set([likely, ...forms])].toSorted((a, b) => hits(b) - hits(a));
  }
}

function likelyByLook(answers: Look, receipts: Look): IdForm {
  if (answers === 'hexadecimal' && receipts === 'digits') return 'hex-answers';
  if (answers === 'digits' && receipts === 'hexadecimal') return 'hex-receipts';
  return 'same';
}

function wider(look: Look, key: string): Look {
  const its: Look = /^\d+$/.test(key)
    ? 'digits'
    : /^[0-9a-f]+$/.test(key)
      ? 'hexadecimal'
      : 'other';
  return looks.indexOf(its) > looks.indexOf(look) ? its : look;
}

function forgetOldest(kept: Set<string> | Map<string, unknown>): void {
  if (kept.size <= mostKept) return;
  for (const oldest of kept.keys()) {
    kept.delete(oldest);
    return;
  }
}
