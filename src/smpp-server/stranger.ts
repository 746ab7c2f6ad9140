import type { Socket } from 'node:net';
import type { Clock, Timer } from '../core/ports/clock.ts';

const bindTimeoutMs = 5_000;
/** Octets that somebody may send before: a bind has at most some 150. */
const mostOctets = 4_096;
/** Requests of other kinds. */
const mostStrays = 10;

/** Watches somebody who has not bound, who may cost next to nothing. */
export class Stranger {
  readonly #socket: Socket;
  readonly #end: (reason: string) => void;
  readonly #timer: Timer;
  #octets = 0;
  #strays = 0;

  /** @param end called when it has gone on for too long, or too far. */
  constructor(socket: Socket, clock: Clock, end: (reason: string) => void) {
    this.#socket = socket;
    this.#end = end;
    this.#timer = clock.after(bindTimeoutMs, () => end('it did not bind in time'));
    socket.on('data', this.#count);
  }

  /** It asked for what only those may who are bound. */
  stray(): void {
    this.#strays += 1;
    if (this.#strays > mostStrays) this.#end('it asks for much and does not bind');
  }

  /** It has sent its bind: from now on it waits for us. */
  binds(): void {
    this.#timer.cancel();
  }

  /** It is none any more, or gone. */
  forget(): void {
    this.#timer.cancel();
    this.#socket.off('data', this.#count);
  }

  readonly #count = (chunk: Buffer): void => {
    this.#octets += chunk.length;
    if (this.#octets > mostOctets) this.#end('it sends much and no bind');
  };
}
