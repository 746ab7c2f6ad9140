/** Receipts that a link is judged by. */
export const windowReceipts = 200;

/**
 * The last receipts of a link, no more than 200 and none older than its span. A receipt costs the same
 * however many there are, and nothing is allocated for it: 1.8 kB a link.
 */
export class ReceiptWindow {
  readonly #spanMs: number;
  readonly #at = new Float64Array(windowReceipts);
  readonly #bad = new Uint8Array(windowReceipts);
  /** The place of the oldest. */
  #oldest = 0;
  #count = 0;
  #failures = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(bad: boolean, now: number): void {
    if (this.#count === windowReceipts) this.#drop();
    const place = (this.#oldest + this.#count) % windowReceipts;
    this.#at[place] = now;
    this.#bad[place] = bad ? 1 : 0;
    this.#count += 1;
    if (bad) this.#failures += 1;
  }

  /** Forgets what has become too old. Each receipt is forgotten once, so it costs no more than to add it. */
  forget(now: number): void {
    while (this.#count > 0 && now - (this.#at[this.#oldest] as number) > this.#spanMs) this.#drop();
  }

  clear(): void {
    this.#count = 0;
    this.#failures = 0;
  }

  get receipts(): number {
    return this.#count;
  }

  get failures(): number {
    return this.#failures;
  }

  #drop(): void {
    this.#failures -= this.#bad[this.#oldest] as number;
    this.#oldest = (this.#oldest + 1) % windowReceipts;
    this.#count -= 1;
  }
}
