import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Counts the requests that are under way for each key and lets no more than a number of them in. A
 * place is free again when the answer has gone out or the connection has ended, whichever comes
 * first: answered, refused, timed out, given up by the client before or while it is answered.
 *
 * The connection is listened to beside the answer because a pipelined answer that waits for its turn
 * hears nothing of the end of its connection.
 */
export class InFlight {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many keys have requests under way; for tests and metrics. */
  get size(): number {
    return this.#counts.size;
  }

  /** @returns false when the key has as many under way as it may. */
  enter(key: string, request: IncomingMessage, response: ServerResponse): boolean {
    const underWay = this.#counts.get(key) ?? 0;
    if (underWay >= this.#limit) return false;
    const { socket } = request;
    // Gone while it was being authenticated: nobody would ever free its place.
    if (socket.destroyed || response.destroyed) return true;
    this.#counts.set(key, underWay + 1);
    let left = false;
    const leave = (): void => {
      if (left) return;
      left = true;
      response.off('close', leave);
      socket.off('close', leave);
      const now = (this.#counts.get(key) ?? 1) - 1;
      if (now === 0) this.#counts.delete(key);
      else this.#counts.set(key, now);
    };
    response.once('close', leave);
    socket.once('close', leave);
    return true;
  }
}
