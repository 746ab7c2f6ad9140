import { Client } from 'undici';
import type { Dial } from './dial.ts';

/** One connection's worth of undici: it connects when first used and again when it was cut. */
export type Connection = { readonly client: Client; readonly abandon: AbortController };

/** Is called once: with a connection, or with undefined when the pool was destroyed meanwhile. */
export type Taker = (connection: Connection | undefined) => void;

export type HostLimits = { connections: number; waiting: number };

/** A server's own Keep-Alive hint is followed, but no longer than this. */
const LONGEST_IDLE_MS = 30_000;

/**
 * The connections to one origin, each lent to one request at a time, and the line of those who wait
 * for one.
 *
 * undici's Pool is not used because a request it has queued cannot be withdrawn (one that timed out
 * would stay, and its queue knows no bound), an attempt to connect cannot be given up, and a
 * request it finds invalid leaves a connection marked as busy for ever.
 */
export class HostPool {
  readonly #origin: string;
  readonly #dial: Dial;
  readonly #limits: HostLimits;
  readonly #onEmpty: () => void;
  /** The most recently used last, and taken first, so that those not needed run out. */
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  /** A set for its order of insertion and its cheap removal from the middle. */
  readonly #waiting = new Set<Taker>();

  constructor(origin: string, dial: Dial, limits: HostLimits, onEmpty: () => void) {
    this.#origin = origin;
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
    const idle = this.#idle.pop();
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
    else this.#idle.push(connection);
  }

  /** Returns a connection on which something went wrong; it is cut, whatever it is doing. */
  discard(connection: Connection): void {
    void cut(connection);
    if (!this.#lent.delete(connection)) return;
    const next = this.#shift();
    if (next !== undefined) this.#lend(this.#open(), next);
    else this.#reportEmpty();
  }

  /** Cuts every connection, lent ones too, and sends away whoever is in line. */
  async destroy(): Promise<void> {
    for (let next = this.#shift(); next !== undefined; next = this.#shift()) next(undefined);
    const connections = [...this.#idle.splice(0), ...this.#lent];
    this.#lent.clear();
    await Promise.all(connections.map(cut));
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
    const abandon = new AbortController();
    const client = new Client(this.#origin, {
      connect: ({ protocol, hostname, port }, callback) => {
        const tls = protocol === 'https:';
        const target = { hostname, port: port === '' ? (tls ? 443 : 80) : Number(port), tls };
        this.#dial(target, abandon.signal, callback);
      },
      // One request at a time: with more, a server's slow answer holds up the next, and one that
      // breaks off leaves open which of them it had acted on.
      pipelining: 1,
      // undici 8 would offer HTTP/2, where requests share a connection and may be sent again.
      allowH2: false,
      keepAliveMaxTimeout: LONGEST_IDLE_MS,
      maxHeaderSize: 16_384,
      // The time-out of the request covers these.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    const connection = { client, abandon };
    client.on('disconnect', () => this.#dropIdle(connection));
    return connection;
  }

  /** One that is lent connects again by itself if it has to; an idle one has no more use. */
  #dropIdle(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index === -1) return;
    this.#idle.splice(index, 1);
    void cut(connection);
    this.#reportEmpty();
  }

  #reportEmpty(): void {
    if (this.quiet && this.#idle.length === 0) this.#onEmpty();
  }
}

function cut({ client, abandon }: Connection): Promise<void> {
  // In this order: undici's error is what tells the request on it why it ended.
  const done = client.destroy();
  abandon.abort();
  return done;
}
