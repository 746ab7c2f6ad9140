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

  constructor(name: string, context: TransportContext) {
    this.#name = name;
    this.#context = context;
  }

  /** All is well again: what comes now is new. */
  bound(host: string): void {
    this.#context.log('info', 'bound', { bind: this.#name, host });
  }

  trouble(level: 'warn' | 'error', what: string, more: Record<string, unknown> = {}): void {
    const now = this.#context.clock.now();
    if (now - this.#since >= windowMs) {
      this.#told = new Set();
      this.#since = now;
    }
    if (this.#told.has(what) || this.#told.size > mostLines) return;
    this.#told.add(what);
    const line = this.#told.size > mostLines ? 'more troubles; they are told in ten minutes' : what;
    this.#context.log(level, line, { bind: this.#name, ...more });
  }
}
