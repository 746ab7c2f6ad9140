import type { Account, Deviation, Round } from '../protocol.ts';

/** Counts what happened to each message of a round. */
export class Ledger {
  /** How many messages were told of. */
  done = 0;
  /** When the latest of them was, by `performance.now()`. */
  lastAt = 0;
  readonly #first: number;
  readonly #submitted: Uint8Array;
  readonly #acknowledged: Uint8Array;
  readonly #told: Uint8Array;
  #strange = 0;

  constructor({ first, count }: Pick<Round, 'first' | 'count'>) {
    this.#first = first;
    this.#submitted = new Uint8Array(count);
    this.#acknowledged = new Uint8Array(count);
    this.#told = new Uint8Array(count);
  }

  submitted(place: number): void {
    this.#count(this.#submitted, place);
  }

  acknowledged(place: number): void {
    this.#count(this.#acknowledged, place);
  }

  told(place: number): void {
    if (this.#count(this.#told, place) !== 1) return;
    this.done++;
    this.lastAt = performance.now();
  }

  /** Something came that should not have. */
  strange(): void {
    this.#strange++;
  }

  account(): Account {
    return {
      submitted: deviation(this.#submitted),
      acknowledged: deviation(this.#acknowledged),
      told: deviation(this.#told),
      strange: this.#strange,
    };
  }

  /** @returns how often it has happened to this message; 0 when it is none of this round. */
  #count(times: Uint8Array, place: number): number {
    const at = place - this.#first;
    const before = times[at];
    if (before === undefined) {
      this.#strange++;
      return 0;
    }
    if (before < 255) times[at] = before + 1;
    return before + 1;
  }
}

function deviation(times: Uint8Array): Deviation {
  let missing = 0;
  let repeated = 0;
  for (const often of times) {
    if (often === 0) missing++;
    else repeated += often - 1;
  }
  return { missing, repeated };
}
