import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { causeText } from '../../core/cause-text.ts';
import type { GatewayError } from '../../core/errors.ts';

const quietMs = 1_000;

/** Of each server its own, however many dialects it speaks. */
const logs = new WeakMap<object, RefusalLog>();

/**
 * What is refused while the whole gateway cannot do its work: one line at once, then at most one a
 * second, with how many there were. A line each would be thousands a second, all of them alike.
 *
 *   idle ──refused: a line──▶ quiet for 1 s ──nothing more came──▶ idle
 *                                 ▲  │ more came: a line with their number
 *                                 └──┘
 */
export class RefusalLog {
  readonly #log: FastifyBaseLogger;
  #quiet = false;
  #notLogged = 0;
  #last: Record<string, unknown> = {};

  private constructor(log: FastifyBaseLogger) {
    this.#log = log;
  }

  static of({ server }: FastifyRequest): RefusalLog {
    const known = logs.get(server.server);
    if (known) return known;
    const made = new RefusalLog(server.log);
    logs.set(server.server, made);
    return made;
  }

  /** @param facts on the request. */
  add(error: GatewayError, facts: Record<string, unknown>): void {
    const told = { ...facts, detail: error.detail, cause: causeText(error) };
    if (this.#quiet) {
      this.#notLogged += 1;
      this.#last = told;
      return;
    }
    this.#log.warn(told, 'a request was refused');
    this.#rest();
  }

  #rest(): void {
    this.#quiet = true;
    setTimeout(() => {
      this.#quiet = false;
      if (this.#notLogged === 0) return;
      const refused = this.#notLogged;
      this.#notLogged = 0;
      this.#log.warn({ ...this.#last, refused }, 'so many more requests were refused, the last so');
      this.#rest();
    }, quietMs).unref();
  }
}
