import type { Socket } from 'node:net';
import type { Dial, Target } from './dial.ts';
import { ResponseReader } from './response-reader.ts';

/** How long a connection is kept that its server says nothing of: shorter than servers usually do. */
const IDLE_MS = 4_000;
/** A server's own Keep-Alive hint is followed, but no longer than this … */
const LONGEST_IDLE_MS = 30_000;
/** … and so much less, since what we send takes its time to get there. */
const HINT_MARGIN_MS = 2_000;

/**
 * Everything that comes on any connection is read into this, and taken out before the next is read: a
 * buffer of its own for each read is 64 KiB that must be found and given back again.
 */
const incoming = Buffer.allocUnsafeSlow(64 * 1024);

/** Hears of one request, once of its response or of what broke. */
export interface Receiver {
  /** The bytes are on their way. */
  sent(): void;
  received(response: ResponseReader): void;
  broke(error: Error): void;
}

/** The other side has ended too early. */
class EndedError extends Error {}

/** One connection to an origin, for one request at a time, and for none after anything odd. */
export class Connection {
  readonly #dial: Dial;
  readonly #target: Target;
  readonly #onGone: (connection: Connection) => void;
  readonly #abandon = new AbortController();
  #socket: Socket | undefined;
  #receiver: Receiver | undefined;
  #reader: ResponseReader | undefined;
  #gone = false;
  /** Unused, it is not used any more from this instant on, by `performance.now()`. */
  idleUntil = 0;

  /** @param onGone called when it has ended, whoever ended it. */
  constructor(target: Target, dial: Dial, onGone: (connection: Connection) => void) {
    this.#target = target;
    this.#dial = dial;
    this.#onGone = onGone;
  }

  /** Is the status of the answer known? */
  get answering(): boolean {
    return this.#reader?.head !== undefined;
  }

  /** Sends a request, connecting first where it must. @param mostBytes of the answer's body that are read. */
  send(request: Buffer, mostBytes: number, receiver: Receiver): void {
    this.#receiver = receiver;
    this.#reader = new ResponseReader(mostBytes);
    if (this.#socket) {
      this.#write(this.#socket, request);
      return;
    }
    const onread = {
      buffer: incoming,
      callback: (bytes: number): boolean => {
        this.#read(incoming.subarray(0, bytes));
        return true;
      },
    };
    this.#dial({ ...this.#target, onread }, this.#abandon.signal, (error, socket) => {
      if (socket === null) this.#end(error);
      else if (this.#gone) socket.destroy();
      else {
        this.#attach(socket);
        this.#write(socket, request);
      }
    });
  }

  /** Ends it at once; whoever waits for an answer on it is told why. */
  cut(reason: Error): Promise<void> {
    const socket = this.#socket;
    this.#end(reason);
    if (!socket || socket.closed) return Promise.resolve();
    return new Promise((resolve) => socket.once('close', () => resolve()));
  }

  #write(socket: Socket, request: Buffer): void {
    socket.write(request);
    this.#receiver?.sent();
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('end', () => {
      if (this.#reader?.end()) this.#succeed(this.#reader);
      this.#end(new EndedError('the connection ended before the answer did'));
    });
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new EndedError('the connection was closed')));
  }

  #read(chunk: Buffer): void {
    const reader = this.#reader;
    if (!reader) {
      this.#end(new EndedError('something came that nobody had asked for'));
      return;
    }
    try {
      if (reader.take(chunk)) this.#succeed(reader);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #succeed(reader: ResponseReader): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#reader = undefined;
    this.idleUntil = performance.now() + idleMs(reader.head?.headers['keep-alive']);
    receiver?.received(reader);
  }

  #end(reason: Error): void {
    if (this.#gone) return;
    this.#gone = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#reader = undefined;
    this.#socket?.destroy();
    this.#abandon.abort();
    this.#onGone(this);
    receiver?.broke(reason);
  }
}

/** `Keep-Alive: timeout=5` */
function idleMs(hint: string | undefined): number {
  const seconds = hint === undefined ? undefined : /(?:^|[ ,])timeout=(\d{1,9})/i.exec(hint)?.[1];
  if (seconds === undefined) return IDLE_MS;
  return Math.min(Number(seconds) * 1000 - HINT_MARGIN_MS, LONGEST_IDLE_MS);
}
