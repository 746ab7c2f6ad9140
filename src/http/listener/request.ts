import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import type { WithBody } from '../../dialects/shared/arrival.ts';

/** Of a connection that the listener's thread reads: what routes may know of it and do to it. */
export class PlainSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  destroyed = false;
  readonly #end: () => void;

  /** @param end ends the connection itself. */
  constructor(remoteAddress: string, remotePort: number, end: () => void) {
    super();
    // Each request under way listens for the end.
    this.setMaxListeners(0);
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.#end = end;
  }

  destroy(): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.#end();
    return this;
  }

  /** The connection has ended. */
  gone(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

/**
 * A request that came whole, with the face of Node's `IncomingMessage` as far as Fastify and the dialects
 * look at it.
 */
export class WholeRequest extends Readable implements WithBody {
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly complete = true;
  /** Its client has gone, or was sent away, before it was answered. */
  aborted = false;
  readonly headers: Headers['headers'];
  readonly rawHeaders: readonly string[];
  readonly method: string;
  readonly socket: PlainSocket;
  url: string;
  readonly #body: string | null;

  /** @param body its bytes as Latin-1. */
  constructor(
    socket: PlainSocket,
    {
      method,
      url,
      headers,
      body,
    }: { method: string; url: string; headers: Headers; body: string | null },
  ) {
    super();
    this.socket = socket;
    this.method = method;
    this.url = url;
    this.rawHeaders = headers.rawHeaders;
    this.headers = headers.headers;
    this.#body = body;
  }

  get wholeBody(): Buffer | undefined {
    return this.#body === null ? undefined : Buffer.from(this.#body, 'latin1');
  }

  override _read(): void {
    const { wholeBody } = this;
    if (wholeBody) this.push(wholeBody);
    this.push(null);
  }

  /** As with Node's: who does not want the rest ends the connection, and no error of it is anybody's. */
  override _destroy(_error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded) {
      this.aborted = true;
      this.socket.destroy();
    }
    done(null);
  }
}

/** Header lines, in the two forms in which Node gives them. Both are one request's alone: its handlers may write into them. */
export interface Headers {
  /** Names in small letters and values in turns, each name once. */
  rawHeaders: string[];
  headers: Record<string, string | undefined>;
}

/** The header lines of requests that differ in nothing but the length of the body. */
export class UsualHeaders {
  readonly #lines: readonly string[];
  readonly #fields: Headers['headers'] = {};
  /** Where the length of the body stands; 0: nowhere. */
  readonly #lengthAt: number;

  /** @param lines as `Headers.rawHeaders`. */
  constructor(lines: readonly string[]) {
    this.#lines = lines;
    let lengthAt = 0;
    for (let at = 0; at < lines.length; at += 2) {
      const name = lines[at] as string;
      this.#fields[name] = lines[at + 1];
      if (name === 'content-length') lengthAt = at + 1;
    }
    this.#lengthAt = lengthAt;
  }

  asSent(): Headers {
    return { rawHeaders: [...this.#lines], headers: { ...this.#fields } };
  }

  /** @param length of the body, in bytes. */
  withLength(length: number): Headers {
    const sent = this.asSent();
    if (this.#lengthAt > 0) {
      sent.headers['content-length'] = `${length}`;
      sent.rawHeaders[this.#lengthAt] = `${length}`;
    }
    return sent;
  }
}
