/**
 * How many parts a bind is trusted with, by whether its carrier answers what it was handed: a carrier that
 * accepts every bind, answers every enquiry and never a part looks as well as any, and what it was handed is
 * lost. It outlives the sessions of its bind.
 *
 *   answering ──a part is given up, and nothing was answered since it left──▶ on trial
 *      ▲  └───────────the session ends with parts unanswered────────────────▶ on trial
 *      │                                                                        │
 *      ├──any answer to a part────────────────────────────────────── on trial ──┤
 *      │                                                              ▲         │ the same once more
 *      │                             the session ends, for any reason │         ▼
 *      └──an answer that comes late───────────────────────────────────┴─────── mute
 *
 * - `answering`: with its window. After a trial it grows again by one with each answer (slow start, as TCP finds
 *   what a line bears), so that who answers one and then loses a windowful does not get the next.
 * - `on trial`: with one part. It is up while that may leave, and not while it is waited for: one message is
 *   at stake, and the others take another way where they have one.
 * - `mute`: with nothing; whoever keeps the bind ends its session, unless an answer comes late.
 *
 * Any answer counts, refusals too: nothing is lost by them. A slow carrier is not a mute one: nothing follows
 * from a part before its time-out, nor from one that stays unanswered while others are answered.
 */
export class Trust {
  readonly #most: number;
  #state: 'answering' | 'on trial' | 'mute' = 'answering';
  #window: number;
  #underWay = 0;
  /** Parts that have left, by which they are told apart: the time of day may be set back. */
  #departures = 0;
  /** Those of them that had left when the last answer came. */
  #departuresAnswered = 0;
  /** Of this session: parts whose connection ended before their answer. */
  #cut = 0;

  /** @param most the parts that may wait for their answer when all is well. */
  constructor(most: number) {
    this.#most = most;
    this.#window = most;
  }

  get isMute(): boolean {
    return this.#state === 'mute';
  }

  /** Whether what waits for the link should wait for this bind. */
  get isUp(): boolean {
    return this.#state === 'answering' || (this.#state === 'on trial' && this.#underWay === 0);
  }

  /** Parts that may wait for their answer at once. */
  get window(): number {
    return this.#window;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** @returns the number of its departure. */
  left(): number {
    this.#underWay += 1;
    this.#departures += 1;
    return this.#departures;
  }

  /** It did not leave after all. */
  unsent(): void {
    this.#underWay -= 1;
  }

  answered(): void {
    this.#underWay -= 1;
    this.late();
  }

  /** An answer to a part that was given up. */
  late(): void {
    this.#departuresAnswered = this.#departures;
    this.#state = 'answering';
    this.#window = Math.min(this.#most, this.#window + 1);
  }

  /** It is given up. @param departure the number of its departure. */
  silent(departure: number): void {
    this.#underWay -= 1;
    if (this.#departuresAnswered >= departure) return;
    if (this.#state === 'answering') this.#tryOne();
    else this.#become('mute', 0);
  }

  /** The connection ended before its answer. */
  cut(): void {
    this.#underWay -= 1;
    this.#cut += 1;
  }

  /**
   * Its session is over.
   * @returns whether the session was good for anything: false when it lost what it was handed and answered nothing.
   */
  ended(): boolean {
    const lost = this.#cut > 0 || this.#state === 'mute';
    const worked = !lost || this.#state === 'answering';
    this.#cut = 0;
    if (lost) this.#tryOne();
    return worked;
  }

  #tryOne(): void {
    this.#become('on trial', 1);
  }

  #become(state: 'on trial' | 'mute', window: number): void {
    this.#state = state;
    this.#window = window;
  }
}
