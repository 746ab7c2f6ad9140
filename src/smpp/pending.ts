import type { Pdu, RequestPdu } from './codec/pdu.ts';

/** What came of a request. */
export type Answer =
  /** Its response, or a `generic_nack` that names it. `status` says whether it was taken. */
  | { kind: 'answered'; pdu: Pdu }
  /** No response in time. Should it come after all, `onLate` is told. */
  | { kind: 'silent' }
  /** The connection ended first: the peer may have it or not. */
  | { kind: 'closed' }
  /** The session was not open: nothing left. */
  | { kind: 'unsent' };

export interface PendingRequest {
  command: RequestPdu['command'];
  sentAt: number;
  onAnswer(answer: Answer): void;
  onLate: ((pdu: Pdu) => void) | undefined;
}

/** Requests given up as silent whose responses would still be recognised. */
const mostTombstones = 10_000;

/**
 * The requests that a peer has not answered, by sequence number.
 *
 *   pending ──response──▶ gone
 *      └────time-out────▶ tombstone ──late response──▶ gone
 *
 * A tombstone keeps its sequence number occupied, so that a late response is never taken for the
 * answer to a younger request.
 */
export class PendingRequests {
  /** In the order in which they left, so the oldest is looked at first. */
  readonly #pending = new Map<number, PendingRequest>();
  readonly #tombstones = new Map<number, PendingRequest>();
  #last = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** Gives the sequence number to send it under: 1 to 0x7fffffff (SMPP 3.4, 3.2). */
  add(request: PendingRequest): number {
    do this.#last = this.#last === 0x7fff_ffff ? 1 : this.#last + 1;
    while (this.#pending.has(this.#last) || this.#tombstones.has(this.#last));
    this.#pending.set(this.#last, request);
    return this.#last;
  }

  /**
   * Tells the request its answer.
   * @returns false when none is known under this number that the response could belong to.
   */
  answer(pdu: Pdu): boolean {
    const pending = this.#pending.get(pdu.sequence);
    if (pending && answers(pdu, pending)) {
      this.#pending.delete(pdu.sequence);
      pending.onAnswer({ kind: 'answered', pdu });
      return true;
    }
    const late = this.#tombstones.get(pdu.sequence);
    if (!late || !answers(pdu, late)) return false;
    this.#tombstones.delete(pdu.sequence);
    late.onLate?.(pdu);
    return true;
  }

  /** Gives up what left before `instant`. @returns how many. */
  expire(instant: number): number {
    let count = 0;
    for (const [sequence, request] of this.#pending) {
      if (request.sentAt > instant) break;
      this.#pending.delete(sequence);
      if (request.onLate) this.#bury(sequence, request);
      count++;
      request.onAnswer({ kind: 'silent' });
    }
    return count;
  }

  /** It did not leave after all, and is not told. */
  forget(sequence: number): void {
    this.#pending.delete(sequence);
  }

  /** The connection is gone. */
  close(): void {
    const requests = [...this.#pending.values()];
    this.#pending.clear();
    this.#tombstones.clear();
    for (const request of requests) request.onAnswer({ kind: 'closed' });
  }

  #bury(sequence: number, request: PendingRequest): void {
    if (this.#tombstones.size >= mostTombstones) {
      for (const oldest of this.#tombstones.keys()) {
        this.#tombstones.delete(oldest);
        break;
      }
    }
    this.#tombstones.set(sequence, request);
  }
}

function answers(pdu: Pdu, request: PendingRequest): boolean {
  return pdu.command === 'generic_nack' || pdu.command === `${request.command}_resp`;
}
