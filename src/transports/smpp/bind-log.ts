import type { TransportContext } from '../transport.ts';

const windowMs = 10 * 60_000;
/** Different troubles in that time; a carrier that sends nonsense could fill a disk with lines. */
const mostLines = 20;
const notBound = 'not bound: ';

/** What the owner is told of one bind: each trouble once in ten minutes, and never very many. */
export class BindLog {
  readonly #name: string;
  readonly #context: TransportContext;
  #told = new Set<string>();
  #since = 0;

  constructor(name: string, context: TransportContext) {
    this.#name = name;
    this.#context = context;
  }

  /** All is well again: what comes now is new. */
  bound(host: string): void {
    for (const kind of this.#told) if (kind.startsWith(notBound)) this.#told.delete(kind);
    this.#context.log('info', 'bound', { bind: this.#name, host });
  }

  /** A bind that did not come about, or is lost. */
  lost(level: 'warn' | 'error', reason: string, more: Record<string, unknown>): void {
    this.trouble(level, `${notBound}${reason}`, more);
  }

  trouble(
    level: 'info' | 'warn' | 'error',
    what: string,
    more: Record<string, unknown> = {},
  ): void {
    const now = this.#context.clock.now();
    if (now - this.#since >= windowMs) {
      this.#told = new Set();
      this.#since = now;
    }
    // Sequence numbers and the like do not make it another trouble.
    const kind = what.replace(/\d+/g, '#');
    const isFull = this.#told.size > mostLines;
    if (this.#told.has(kind) || (isFull && level !== 'error')) return;
    this.#told.add(kind);
    const isLast = this.#told.size > mostLines && level !== 'error';
    const line = isLast ? 'more troubles; they are told in ten minutes' : what;
    this.#context.log(level, line, { bind: this.#name, ...more });
  }
}
