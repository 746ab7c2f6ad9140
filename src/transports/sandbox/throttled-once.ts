import type { OutgoingPart } from '../../core/ports/transport.ts';

/** Remembers which parts were sent back once; when it is full it forgets the oldest. */
export class ThrottledOnce {
  readonly #limit: number;
  readonly #keys = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True for the first hand-over of a part, false for the next one. */
  isFirst(part: OutgoingPart): boolean {
    const key = `${part.messageId}/${part.number}`;
    if (this.#keys.delete(key)) return false;
    if (this.#keys.size < this.#limit) {
      this.#keys.add(key);
      return true;
    }
    // This one is let through: were it remembered in the oldest one's place, more parts than the
    // memory holds would push one another out for ever, and none would get through.
    const [oldest] = this.#keys;
    if (oldest !== undefined) this.#keys.delete(oldest);
    return false;
  }
}
