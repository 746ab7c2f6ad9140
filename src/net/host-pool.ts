import { Connection } from './connection.ts';
import type { Dial, Target } from './dial.ts';

/** Is called once: with a connection, or with undefined when the pool was destroyed meanwhile. */
export type Taker = (connection: Connection | undefined) => void;

export type HostLimits = { connections: number; waiting: number };

/** Why something ends that was well. */
export class ClosedError extends Error {}

/** How often connections are looked for that have been unused for too long. */
const LOOK_MS = 1_000;

/**
 * The connections to one origin, each lent to one request at a time, and the line of those who wait
 * for one. A connection that ends is forgotten, and another one is opened when it is needed.
 */
export class HostPool {
  readonly #target: Target;
  readonly #dial: Dial;
  readonly #limits: HostLimits;
  readonly #onEmpty: () => void;
  /** The most recently used last, and taken first, so that those not needed run out. */
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  /** A set for its order of insertion and its cheap removal from the middle. */
  readonly #waiting = new Set<Taker>();
  #look: NodeJS.Timeout | undefined;
  #taking = false;

  constructor(origin: string, dial: Dial, limits: HostLimits, onEmpty: () => void) {
    this.#target = targetOf(origin);
    this.#dial = dial;
    this.#limits = limits;
    this.#onEmpty = onEmpty;
  }

  /** True when nobody has or awaits a connection. */
  get quiet(): boolean {
    return this.#lent.size === 0 && this.#waiting.size === 0;
  }

  /** Calls the taker with a connection, now or in its turn. Gives false when the line is full. */
  take(taker: Taker): boolean {
    const idle = this.#takeIdle();
    if (idle !== undefined) this.#lend(idle, taker);
    else if (this.#lent.size < this.#limits.connections) this.#lend(this.#open(), taker);
    else if (this.#waiting.size < this.#limits.waiting) this.#waiting.add(taker);
    else return false;
    return true;
  }

  /** Takes a taker out of the line; harmless when it has left it already. */
  leave(taker: Taker): void {
    this.#waiting.delete(taker);
  }

  /** Returns a connection on which the last exchange came to its proper end. */
  giveBack(connection: Connection): void {
    if (!this.#lent.delete(connection)) return;
    const next = this.#shift();
    if (next !== undefined) this.#lend(connection, next);
    else {
      this.#idle.push(connection);
      this.#look ??= setInterval(() => this.#dropUnused(), LOOK_MS).unref();
    }
  }

  /** Returns a connection on which something went wrong; it is cut, whatever it is doing. */
  discard(connection: Connection): void {
    void connection.cut(new ClosedError('given up'));
  }

  /** Cuts every connection, lent ones too, and sends away whoever is in line. */
  async destroy(): Promise<void> {
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) next(undefined);
    clearInterval(this.#look);
    const reason = new ClosedError('this client is closed');
    const connections = [...this.#idle, ...this.#lent];
    await Promise.all(connections.map((connection) => connection.cut(reason)));
  }

  #takeIdle(): Connection | undefined {
    const newest = this.#idle.at(-1);
    if (newest !== undefined && newest.idleUntil <= performance.now()) {
      // Whoever takes is about to open another: the pool is not given up though it is empty for a moment.
      this.#taking = true;
      this.#dropUnused();
      this.#taking = false;
    }
    return this.#idle.pop();
  }

  #dropUnused(): void {
    const now = performance.now();
    // Each that is cut leaves the list.
    const over = this.#idle.filter((connection) => connection.idleUntil <= now);
    for (const connection of over) this.discard(connection);
    if (this.#idle.length > 0) return;
    clearInterval(this.#look);
    this.#look = undefined;
  }

  #lend(connection: Connection, taker: Taker): void {
    this.#lent.add(connection);
    taker(connection);
  }

  #shift(): Taker | undefined {
    for (const taker of this.#waiting) {
      this.#waiting.delete(taker);
      return taker;
    }
    return undefined;
  }

  #open(): Connection {
    return new Connection(this.#target, this.#dial, (connection) => this.#forget(connection));
  }

  #forget(connection: Connection): void {
    if (this.#lent.delete(connection)) {
      const next = this.#shift();
      if (next !== undefined) return this.#lend(this.#open(), next);
    } else {
      const index = this.#idle.indexOf(connection);
      if (index !== -1) this.#idle.splice(index, 1);
    }
    if (!this.#taking && this.quiet && this.#idle.length === 0) this.#onEmpty();
  }
}

function targetOf(origin: string): Target {
  const { protocol, hostname, port } = new URL(origin);
  const tls = protocol === 'https:';
  return {
    // An IPv6 literal stands in brackets.
    hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 443 : 80) : Number(port),
    tls,
  };
}
