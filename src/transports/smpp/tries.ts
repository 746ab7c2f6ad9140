import type { MessageId } from '../../core/ids.ts';
import type { OutgoingPart } from '../../core/ports/transport.ts';

/** Messages whose tries are kept in mind: those that wait to be tried again by one link. */
const mostMessages = 10_000;

/**
 * How often a link was told "not now" of a message, in hand-overs that followed one another: a message comes
 * with the tries of other links (`OutgoingPart.attempt`), which are not this one's, and after a turn of theirs
 * it begins anew. Kept in memory only: after a restart a message may have some tries more, and
 * `delivery.maxAttempts` holds all the same.
 */
export class Tries {
  /** The last hand-over and which try it was, in the order of use. */
  readonly #last = new Map<MessageId, { attempt: number; tries: number }>();

  /**
   * The carrier said "not now" to a part; all parts of one hand-over are one try.
   * @param times how often it is tried again.
   * @returns whether it was tried again so often already.
   */
  usedUp({ messageId, attempt }: OutgoingPart, times: number): boolean {
    const last = this.#last.get(messageId);
    let tries = 1;
    if (last?.attempt === attempt) tries = last.tries;
    else if (last?.attempt === attempt - 1 && last.tries <= times) tries = last.tries + 1;
    this.#keep(messageId, { attempt, tries });
    return tries > times;
  }

  #keep(messageId: MessageId, last: { attempt: number; tries: number }): void {
    this.#last.delete(messageId);
    this.#last.set(messageId, last);
    if (this.#last.size <= mostMessages) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      break;
    }
  }
}
