import { GatewayError } from '../errors.ts';

/** How many may wait of one owner … */
const mostOfOne = 4;
/** … and of all together, so that the last one is not waited for until its client has gone. */
const mostOfAll = 100;

/**
 * Work that is done one after the other, since each costs 0.2 s of a core. Who asks for much waits for himself: when a
 * work is done, it is the turn of the owner whose last turn is the longest ago.
 */
export class Turns {
  /** Who waits, by owner; the owner whose turn is next comes first. */
  readonly #waiting = new Map<string, (() => void)[]>();
  #count = 0;
  #busy = false;

  /**
   * @returns what the work does, when its turn has come.
   * @throws GatewayError `overloaded` when too much waits.
   */
  async run<Result>(owner: string, work: () => Promise<Result>): Promise<Result> {
    if (this.#busy) await this.#turn(owner);
    else this.#busy = true;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #turn(owner: string): Promise<void> {
    const own = this.#waiting.get(owner) ?? [];
    if (own.length >= mostOfOne || this.#count >= mostOfAll) {
      throw new GatewayError('overloaded', 'Too many messages are being encrypted.', {
        retryAfterMs: 2000,
      });
    }
    this.#count += 1;
    this.#waiting.set(owner, own);
    return new Promise((resolve) => own.push(resolve));
  }

  #next(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#busy = false;
      return;
    }
    const [owner, own] = next;
    const go = own.shift();
    this.#waiting.delete(owner);
    if (own.length > 0) this.#waiting.set(owner, own);
    this.#count -= 1;
    go?.();
  }
}
