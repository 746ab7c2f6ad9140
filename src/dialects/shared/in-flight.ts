import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Places } from '../../core/ports/places.ts';

/**
 * Lets no more than a number of requests in for each key, on all nodes together. A place is free again
 * when the answer has gone out or the connection has ended, whichever comes first: answered, refused,
 * timed out, given up by the client before or while it is answered.
 *
 * The connection is listened to beside the answer because a pipelined answer that waits for its turn
 * hears nothing of the end of its connection.
 */
export class InFlight {
  readonly #places: Places;
  readonly #name: string;

  /** @param name tells its keys from those of others. */
  constructor(places: Places, name: string) {
    this.#places = places;
    this.#name = name;
  }

  /** @returns false when the key has as many under way as it may. */
  async enter(
    key: string,
    limit: number,
    { request, response }: { request: IncomingMessage; response: ServerResponse },
  ): Promise<boolean> {
    const leave = await this.#places.enter(`${this.#name} ${key}`, limit);
    if (!leave) return false;
    const { socket } = request;
    // Gone while it was authenticated or waited here: nobody else would ever free its place.
    if (socket.destroyed || response.destroyed) {
      leave();
      return true;
    }
    const left = (): void => {
      response.off('close', left);
      socket.off('close', left);
      leave();
    };
    response.once('close', left);
    socket.once('close', left);
    return true;
  }
}
