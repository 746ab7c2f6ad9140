/**
 * How fast parts may leave, by a token bucket that holds a tenth of a second's worth (at least one part):
 * carriers count by the second, and of a fuller bucket one second could see twice the rate.
 *
 * A carrier that says "throttled" halves the rate; each second without it gives back a tenth of the
 * configured one (additive increase, multiplicative decrease, as TCP finds its share). Where no rate is
 * configured, what was sent in the last second is what was too fast.
 *
 * "Throttled" also stops everything for a second, and for twice as long each time that nothing was taken in between.
 * What is taken after a rest ends that: of a carrier that throttles at random some parts are always throttled.
 */
export class Pace {
  readonly #limit: number;
  /** Parts a second at present; 0 is no limit. */
  #rate: number;
  #tokens: number;
  #at: number;
  #sentThisSecond = 0;
  #sentLastSecond = 0;
  #secondAt: number;
  #throttledAt = Number.NEGATIVE_INFINITY;
  #backOffMs = 0;
  /** Nothing that left since the last rest was taken. */
  #goesOn = false;

  /** @param limit parts a second, 0 for none. */
  constructor(limit: number, now: number) {
    this.#limit = limit;
    this.#rate = limit;
    this.#tokens = bucketOf(limit);
    this.#at = now;
    this.#secondAt = now;
  }

  /** Parts a second at present; 0 is no limit. */
  get rate(): number {
    return this.#rate;
  }

  /** How many parts may leave now, and if none, after how many milliseconds one may. */
  ready(now: number): { parts: number; waitMs: number } {
    this.#refill(now);
    if (this.#rate === 0) return { parts: Number.MAX_SAFE_INTEGER, waitMs: 0 };
    if (this.#tokens >= 1) return { parts: Math.floor(this.#tokens), waitMs: 0 };
    return { parts: 0, waitMs: Math.ceil(((1 - this.#tokens) / this.#rate) * 1_000) };
  }

  /** One left. More than was ready may leave: all parts of a message go together. */
  left(now: number): void {
    if (now - this.#secondAt >= 1_000) {
      this.#sentLastSecond = now - this.#secondAt >= 2_000 ? 0 : this.#sentThisSecond;
      this.#sentThisSecond = 0;
      this.#secondAt = now;
    }
    this.#sentThisSecond += 1;
    if (this.#rate > 0) this.#tokens -= 1;
  }

  /**
   * The carrier said that it was too fast.
   * @returns for how long nothing should leave, in milliseconds: a second, doubled while it goes on.
   */
  throttled(now: number): number {
    this.#refill(now);
    // What is answered of one window was sent at the same speed: it counts once.
    if (now - this.#throttledAt < 1_000) return Math.max(1_000, this.#backOffMs);
    const goesOn = this.#goesOn && now - this.#throttledAt < Math.max(2_000, this.#backOffMs * 2);
    this.#goesOn = true;
    this.#throttledAt = now;
    this.#backOffMs = goesOn ? Math.min(longestBackOffMs, this.#backOffMs * 2) : 1_000;
    const was = this.#rate || Math.max(this.#sentLastSecond, this.#sentThisSecond);
    this.#rate = Math.max(this.#floor(was), was / 2);
    this.#tokens = Math.min(this.#tokens, 1);
    return this.#backOffMs;
  }

  /** The carrier took a part that had left at `sentAt`. */
  accepted(sentAt: number): void {
    if (sentAt >= this.#throttledAt + this.#backOffMs) this.#goesOn = false;
  }

  /** Never less than this, or a carrier that throttles at random would bring the link to a stop. */
  #floor(was: number): number {
    return Math.min(was, this.#limit > 0 ? Math.max(slowest, this.#limit / 20) : slowestUnlimited);
  }

  #refill(now: number): void {
    const elapsed = Math.max(0, now - this.#at) / 1_000;
    this.#at = now;
    if (this.#rate === 0) return;
    const isSlowed = this.#rate !== this.#limit;
    if (isSlowed && now - this.#throttledAt > this.#backOffMs + 1_000) {
      this.#recover(elapsed);
    }
    this.#tokens = Math.min(bucketOf(this.#rate), this.#tokens + elapsed * this.#rate);
  }

  #recover(seconds: number): void {
    const ceiling = this.#limit || unlimited;
    this.#rate += seconds * Math.max(slowest, (this.#limit || this.#rate) / 10);
    if (this.#rate < ceiling) return;
    this.#rate = this.#limit;
  }
}

function bucketOf(rate: number): number {
  return Math.max(1, rate / 10);
}

const longestBackOffMs = 8_000;
/** Parts a second that always go: a link must find out that it may go faster. */
const slowest = 0.5;
const slowestUnlimited = 10;
/** From here on a link without a configured rate has none again. */
const unlimited = 5_000;

/** Senders of which the pace is kept. */
const mostSenders = 10_000;
/** Parts whose turn is kept. */
const mostTurns = 10_000;
const missedMs = 60_000;

/**
 * The same for each sender: each part gets the instant at which its sender's turn comes. One whose
 * turn is later comes back then, and is not asked to wait again.
 */
export class SenderPaces {
  readonly #gapMs: number;
  /** When the sender's next part may leave, by sender, in the order of use. */
  readonly #next = new Map<string, number>();
  /** Turns that were given and not yet used, by part. */
  readonly #turns = new Map<string, number>();

  /** @param perSecond parts of one sender a second, 0 for no limit. */
  constructor(perSecond: number) {
    this.#gapMs = perSecond > 0 ? 1_000 / perSecond : 0;
  }

  /** @returns how long the part has to wait, 0 when it may leave now. */
  waitMs(sender: string, part: string, now: number): number {
    if (this.#gapMs === 0) return 0;
    const given = this.#turns.get(part);
    const turn = given ?? Math.max(now, this.#next.get(sender) ?? 0);
    if (turn <= now) {
      this.#turns.delete(part);
      if (given === undefined) this.#keep(this.#next, sender, turn + this.#gapMs);
      return 0;
    }
    if (given === undefined) {
      // No more turns are promised than can be kept in mind: the part asks again then.
      if (this.#turns.size >= mostTurns) this.#dropMissed(now);
      if (this.#turns.size >= mostTurns) return turn - now;
      this.#keep(this.#next, sender, turn + this.#gapMs);
      this.#turns.set(part, turn);
    }
    return turn - now;
  }

  /** Turns that nobody came for: their messages were cancelled, or have expired. */
  #dropMissed(now: number): void {
    for (const [part, turn] of this.#turns) {
      if (turn < now - missedMs) this.#turns.delete(part);
    }
  }

  #keep(map: Map<string, number>, key: string, value: number): void {
    map.delete(key);
    map.set(key, value);
    if (map.size <= mostSenders) return;
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
}
