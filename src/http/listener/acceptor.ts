import { lookup } from 'node:dns/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Connection } from './connection.ts';
import type {
  Bound,
  ConnectionId,
  FromThread,
  ListenerOptions,
  SystemFields,
  ToThread,
} from './messages.ts';

/** Listens, and keeps the connections: what runs in the listener's thread. */
export class Acceptor {
  readonly #options: ListenerOptions;
  readonly #tell: (news: FromThread) => void;
  readonly #connections = new Map<ConnectionId, Connection>();
  #servers: Server[] = [];
  #lastId: ConnectionId = 0;
  #closing = false;

  constructor(options: ListenerOptions, tell: (news: FromThread) => void) {
    this.#options = options;
    this.#tell = tell;
    void this.#listen();
  }

  obey(order: ToThread): void {
    if (order[0] === 'close') this.#close();
    // Of one that is gone there may still be orders under way.
    else this.#connections.get(order[1])?.obey(order);
  }

  async #listen(): Promise<void> {
    try {
      const ports: Bound[][] = [];
      for (const [at, { host, port }] of this.#options.addresses.entries()) {
        ports.push(await this.#listenOn(at, host, port));
      }
      this.#tell(['listening', ports]);
    } catch (error) {
      for (const server of this.#servers) server.close();
      // Between threads an error keeps its sentence and nothing else.
      this.#tell(['failed', (error as Error).message, { ...(error as SystemFields) }]);
    }
  }

  /** `localhost` is all that it stands for, as far as it can be had; of other names the first address. */
  async #listenOn(at: number, host: string, port: number): Promise<Bound[]> {
    const first = await this.#bind(at, host, port);
    if (host !== 'localhost') return [first];
    const bound = [first];
    for (const { address } of await lookup(host, { all: true })) {
      if (address === first.address) continue;
      const other = await this.#bind(at, address, first.port).catch(() => undefined);
      if (other) bound.push(other);
    }
    return bound;
  }

  #bind(at: number, host: string, port: number): Promise<Bound> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#accept(at, socket),
    );
    server.maxConnections = this.#options.maxConnections;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        this.#servers.push(server);
        // A connection that could not be accepted, for want of files say: its client sees it.
        server.on('error', () => {});
        const { address, port: bound } = server.address() as { address: string; port: number };
        resolve({ address, port: bound });
      });
    });
  }

  #accept(at: number, socket: Socket): void {
    const id = ++this.#lastId;
    const connection = new Connection(id, socket, {
      tell: this.#tell,
      keepAliveMs: this.#options.keepAliveMs,
    });
    this.#connections.set(id, connection);
    this.#tell(['opened', id, at, socket.remoteAddress ?? '', socket.remotePort ?? 0]);
    socket.once('close', () => {
      this.#connections.delete(id);
      this.#tell(['gone', id]);
      this.#closedIfOver();
    });
  }

  #close(): void {
    this.#closing = true;
    for (const server of this.#servers) server.close();
    for (const connection of this.#connections.values()) connection.leave();
    this.#closedIfOver();
  }

  #closedIfOver(): void {
    if (!this.#closing || this.#connections.size > 0) return;
    this.#closing = false;
    this.#tell(['closed']);
  }
}
