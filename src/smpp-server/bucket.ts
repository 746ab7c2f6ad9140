/**
 * How much may be asked a second: a bucket of tokens that holds one second's worth (at least one), so that
 * somebody who was quiet may be quick for a moment.
 */
export class Bucket {
  #perSecond: number;
  #tokens: number;
  #at: number;

  /** @param perSecond 0 for no limit. */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = Math.max(1, perSecond);
    this.#at = now;
  }

  /**
   * @param count so many are taken at once, and owed where there are fewer: one request of many
   * messages goes through, and what follows waits.
   * @returns false when there is none left: nothing is taken then.
   */
  take(count: number, now: number): boolean {
    if (this.#perSecond === 0) return true;
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= count;
    return true;
  }

  /** Of what was taken for one, and came to more. */
  owe(count: number): void {
    if (this.#perSecond > 0) this.#tokens -= count;
  }

  /** From now on so much a second, as the constructor takes it; what was taken stays taken. */
  tune(perSecond: number, now: number): void {
    this.#fill(now);
    if (this.#perSecond === 0) this.#tokens = Math.max(1, perSecond);
    this.#perSecond = perSecond;
    this.#tokens = Math.min(this.#tokens, Math.max(1, perSecond));
  }

  /** Is it as if nothing had ever been taken? */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#perSecond === 0 || this.#tokens >= Math.max(1, this.#perSecond);
  }

  #fill(now: number): void {
    // A clock that was set back gives nothing, and takes nothing.
    const elapsed = Math.max(0, now - this.#at) / 1_000;
    this.#at = now;
    const full = Math.max(1, this.#perSecond);
    this.#tokens = Math.min(full, this.#tokens + elapsed * this.#perSecond);
  }
}
