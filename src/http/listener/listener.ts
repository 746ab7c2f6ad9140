import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { byTurns } from './by-turns.ts';
import type { Bound, ConnectionId, FromThread, ListenerOptions, ToThread } from './messages.ts';
import { isRemembered } from './messages.ts';
import type { FarEnd } from './passed-on.ts';
import { PassedOn } from './passed-on.ts';
import { PlainSocket, UsualHeaders, WholeRequest } from './request.ts';
import type { Way } from './response.ts';
import { WholeResponse } from './response.ts';

/** What stands behind an address. */
export interface Port {
  host: string;
  port: number;
  /** Answers requests that came whole. */
  serve: RequestListener;
  /** Reads all other connections. It does not listen itself. */
  http: Server;
}

export interface Listener {
  /** Where each port is, the first of its addresses first. */
  readonly bound: readonly (readonly Bound[])[];
  /** Listens no more. Resolves when what is under way has been answered, and all connections have ended. */
  close(): Promise<void>;
  /** Ends all connections at once. */
  destroy(): Promise<void>;
}

/**
 * The young generation that a thread begins with, in MB. V8 begins with 1 and enlarges it by what survives, which is
 * nothing here: it was collected 28 times a second, by helpers that take the cores from the gateway. With 32 some 5 % more
 * requests are served (six comparisons in turns, 30 to 40 rounds each), for some 50 MB under load; with 16 some 2 %.
 * `resourceLimits` of a Worker knows only the most. V8 reads this flag when a thread begins, so it may be set late, and
 * holds for threads that begin later, too.
 */
const youngMb = 32;

/** How often connections that have become idle are looked for while the listener closes. */
const closingLookMs = 50;

/**
 * Listens for HTTP in a thread of its own: sockets, and the reading of requests that come whole, cost the gateway's one
 * main thread nothing but a share of a message for all that came in a turn (ADR 21).
 *
 * A fault in the thread is thrown here, and so ends the process, as it would if it had no thread.
 * @throws Error of the system when a port is taken.
 */
export async function listen(
  ports: readonly Port[],
  { maxConnections, keepAliveMs }: Pick<ListenerOptions, 'maxConnections' | 'keepAliveMs'>,
): Promise<Listener> {
  setFlagsFromString(`--min-semi-space-size=${youngMb}`);
  const thread = new Worker(new URL('./entry.ts', import.meta.url), {
    name: 'http listener',
    workerData: {
      addresses: ports.map(({ host, port }) => ({ host, port })),
      maxConnections,
      keepAliveMs,
    } satisfies ListenerOptions,
  });
  thread.on('error', (error) => {
    throw error;
  });
  const order = byTurns<ToThread>((orders) => thread.postMessage(orders));
  const {
    promise: bound,
    resolve: isBound,
    reject: notBound,
  } = Promise.withResolvers<readonly (readonly Bound[])[]>();
  const { promise: allClosed, resolve: closed } = Promise.withResolvers<void>();
  const connections = new Map<ConnectionId, Connected>();
  thread.on('message', (news: readonly FromThread[]) => {
    for (const one of news) {
      switch (one[0]) {
        case 'opened':
          connections.set(one[1], new Connected(one, ports[one[2]] as Port, order));
          break;
        case 'gone':
          connections.get(one[1])?.gone();
          connections.delete(one[1]);
          break;
        case 'listening':
          isBound(one[1]);
          break;
        case 'failed':
          notBound(Object.assign(new Error(one[1]), one[2]));
          break;
        case 'closed':
          closed();
          break;
        default:
          connections.get(one[1])?.hear(one);
      }
    }
  });

  const endThread = async (): Promise<void> => {
    await thread.terminate();
    // They end to look after connections.
    for (const { http } of ports) http.close();
  };
  const close = async (): Promise<void> => {
    order(['close']);
    const endIdle = (): void => {
      for (const { http } of ports) http.closeIdleConnections();
    };
    endIdle();
    const look = setInterval(endIdle, closingLookMs);
    await allClosed;
    clearInterval(look);
    await endThread();
  };
  const destroy = async (): Promise<void> => {
    await endThread();
    for (const one of connections.values()) one.gone();
    connections.clear();
    closed();
  };

  for (const { http } of ports) watch(http);
  let closing: Promise<void> | undefined;
  try {
    return {
      bound: await bound,
      close: () => (closing ??= close()),
      destroy: () => (closing = destroy()),
    };
  } catch (error) {
    await endThread();
    throw error;
  }
}

/**
 * Node's server looks after the times of requests and the idleness of connections from when it listens; this one is
 * only given connections.
 */
function watch(http: Server): void {
  http.emit('listening');
}

type Opened = Extract<FromThread, readonly ['opened', ...unknown[]]>;
type Heard = Extract<
  FromThread,
  readonly ['asked' | 'arrived' | 'ended' | 'written', ...unknown[]]
>;

/** A connection, on this side: what is answered, or written, goes by it to the thread. */
class Connected implements Way, FarEnd {
  readonly #id: ConnectionId;
  readonly #address: string;
  readonly #remotePort: number;
  readonly #port: Port;
  readonly #order: (order: ToThread) => void;
  /** Once the thread has read a request on it. */
  #socket: PlainSocket | undefined;
  /** Those that both sides remember, see `isRemembered`. */
  #headers = new UsualHeaders([]);
  /** To what is under way on it, until all of it is on its way. */
  #response: WholeResponse | undefined;
  /** Once the thread does not read it. */
  #passedOn: PassedOn | undefined;
  /** One write after the other. */
  #written: (() => void) | undefined;

  constructor([, id, , address, remotePort]: Opened, port: Port, order: (order: ToThread) => void) {
    this.#id = id;
    this.#address = address;
    this.#remotePort = remotePort;
    this.#port = port;
    this.#order = order;
  }

  hear(news: Heard): void {
    switch (news[0]) {
      case 'asked':
        this.#asked(news);
        return;
      case 'arrived':
        (this.#passedOn ??= this.#passOn()).arrived(news[2]);
        return;
      case 'ended':
        this.#ended();
        return;
      case 'written': {
        const written = this.#written;
        this.#written = undefined;
        written?.();
      }
    }
  }

  gone(): void {
    this.#socket?.gone();
    this.#passedOn?.destroy();
    this.#response?.req.destroy();
    this.#response?.destroy();
  }

  /** As Node's server does: an answer that is ready leaves, any other one is not waited for. */
  #ended(): void {
    if (this.#passedOn) this.#passedOn.ended();
    else setImmediate(() => this.#order(['end', this.#id]));
  }

  answer(head: string, body: string | Uint8Array | null, last: boolean): void {
    this.#response = undefined;
    this.#order(['answer', this.#id, head, body, last]);
  }

  begin(head: string, last: boolean): void {
    this.#order(['begin', this.#id, head, last]);
  }

  write(data: string | Uint8Array, written: () => void): void {
    this.#written = written;
    this.#order(['write', this.#id, data]);
  }

  done(): void {
    this.#response = undefined;
    this.#order(['done', this.#id]);
  }

  end(ended: () => void): void {
    this.#written = ended;
    this.#order(['end', this.#id]);
  }

  taken(bytes: number): void {
    this.#order(['taken', this.#id, bytes]);
  }

  destroy(): void {
    this.#order(['destroy', this.#id]);
  }

  #asked([, , method, url, lines, body]: Extract<Heard, readonly ['asked', ...unknown[]]>): void {
    this.#socket ??= new PlainSocket(this.#address, this.#remotePort, () => this.destroy());
    const sent = lines && new UsualHeaders(lines);
    if (sent && isRemembered(url, lines)) this.#headers = sent;
    const headers = sent ? sent.asSent() : this.#headers.withLength(body?.length ?? 0);
    const request = new WholeRequest(this.#socket, { method, url, headers, body });
    const response = new WholeResponse(request, this);
    this.#response = response;
    this.#port.serve(
      request as unknown as IncomingMessage,
      response as unknown as ServerResponse & { req: IncomingMessage },
    );
  }

  #passOn(): PassedOn {
    const passedOn = new PassedOn(this.#address, this.#remotePort, this);
    this.#port.http.emit('connection', passedOn satisfies Duplex);
    return passedOn;
  }
}
