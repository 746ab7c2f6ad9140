import type { TransportContext } from '../transport.ts';

const windowMs = 10 * 60_000;
/** Different troubles in that time; a carrier that sends nonsense could fill a disk with lines. */
const mostLines = 20;

/** What the owner is told of one bind: each trouble once in ten minutes, and never very many. */
export class BindLog {
  readonly #name: string;
  readonly #context: TransportContext;
  #told = new Set<string>();
  #since = 0;
  /** That it is not bound: so the next bind is news. */
  #lossTold = true;

  constructor(name: string, context: TransportContext) {
    this.#name = name;
    this.#context = context;
  }

  /** All is well again; of a line that comes and goes that is told as seldom as its losses are. */
  bound(host: string): void {
    if (this.#lossTold) this.#context.log('info', 'bound', { bind: this.#name, host });
    this.#lossTold = false;
  }

  /** A bind that did not come about, or is lost. */
  lost(level: 'warn' | 'error', reason: string, more: Record<string, unknown>): void {
    if (this.trouble(level, `not bound: ${reason}`, more)) this.#lossTold = true;
  }

  /** @returns whether it was told. */
  trouble(
    level: 'info' | 'warn' | 'error',
    what: string,
    more: Record<string, unknown> = {},
  ): boolean {
    const now = this.#context.clock.now();
    if (now - this.#since >= windowMs) {
      this.#told = new Set();
      this.#since = now;
    }
    // Sequence numbers and the like do not make it another trouble.
    const kind = what.replace(/\d+/g, '#');
    const isFull = this.#told.size > mostLines;
    if (this.#told.has(kind) || (isFull && level !== 'error')) return false;
    this.#told.add(kind);
    const isLast = this.#told.size > mostLines && level !== 'error';
    const line = isLast ? 'more troubles; they are told in ten minutes' : what;
    this.#context.log(level, line, { bind: this.#name, ...more });
    return true;
  }
}
