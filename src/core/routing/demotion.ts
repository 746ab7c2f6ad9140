import { ReceiptWindow } from './receipt-window.ts';

/** When a link goes behind the others of its routes, and for how long. */
export interface DemotionLimits {
  /** The share of bad receipts that is too much when it is exceeded; 1: none is. */
  failures: number;
  /** It is judged by no fewer receipts than these. */
  receipts: number;
  /** How far back they may lie. */
  windowMs: number;
  /** How long it is left alone before it is tried again. */
  restMs: number;
}

/** Of the messages that would take a link first, so many do although it is demoted, to see how it fares. */
export const probeShare = 0.05;
/** A link on probation is judged by these. */
const probeReceipts = 10;
/** Whoever has had too few messages for a judgement by then gets the benefit of the doubt. */
const longestProbationMs = 3_600_000;

/**
 * How one link fares by its receipts.
 *
 *   good ──more than `failures` of at least `receipts` are bad──▶ resting
 *    ▲                                                              │ after `restMs`
 *    │                                                              ▼
 *    └──10 receipts, no more of them bad, or an hour──── probation ──10 receipts, more are bad──▶ resting
 *
 * - Demoted is a link that rests or is on probation: it goes behind the others of its routes.
 * - Resting: its receipts tell of what was sent before, and are not heard.
 * - Probation: a twentieth of the messages that it would have been first for take it.
 */
export class Demotion {
  readonly #limits: DemotionLimits;
  readonly #window: ReceiptWindow;
  #phase: 'good' | 'resting' | 'probation' = 'good';
  /** Since when it is in its phase. */
  #since = 0;
  #demotedSince: number | null = null;

  constructor(limits: DemotionLimits) {
    this.#limits = limits;
    this.#window = new ReceiptWindow(limits.windowMs);
  }

  /** When it was last found bad; null when it is not demoted. */
  get demotedSince(): number | null {
    return this.#demotedSince;
  }

  get receipts(): number {
    return this.#window.receipts;
  }

  get failures(): number {
    return this.#window.failures;
  }

  receipt(bad: boolean, now: number): void {
    this.look(now);
    if (this.#phase === 'resting') return;
    this.#window.add(bad, now);
    const { receipts, failures } = this.#window;
    const tooBad = failures > receipts * this.#limits.failures;
    if (this.#phase === 'good') {
      if (tooBad && receipts >= this.#limits.receipts) this.#become('resting', now);
    } else if (receipts >= probeReceipts) {
      this.#become(tooBad ? 'resting' : 'good', now);
    }
  }

  /** What follows from the time alone. */
  look(now: number): void {
    this.#window.forget(now);
    const inPhase = now - this.#since;
    if (this.#phase === 'resting' && inPhase >= this.#limits.restMs) this.#become('probation', now);
    else if (this.#phase === 'probation' && inPhase >= longestProbationMs) {
      this.#become('good', now);
    }
  }

  #become(phase: 'good' | 'resting' | 'probation', now: number): void {
    // What it is demoted for stays to be seen until its probation has begun.
    if (phase !== 'resting') this.#window.clear();
    this.#phase = phase;
    this.#since = now;
    if (phase === 'resting') this.#demotedSince = now;
    else if (phase === 'good') this.#demotedSince = null;
  }
}
