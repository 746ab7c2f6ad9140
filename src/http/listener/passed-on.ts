import { Duplex } from 'node:stream';

/** Takes a connection's bytes to the thread that has its socket. */
export interface FarEnd {
  /** @param written is called once they have left. */
  write(bytes: Uint8Array, written: () => void): void;
  /** @param ended is called once all that was written has left. */
  end(ended: () => void): void;
  destroy(): void;
  /** So many bytes of what arrived were read. */
  taken(bytes: number): void;
}

type Done = (error?: Error | null) => void;

/**
 * A connection that the listener's thread passes on byte by byte, with the face of a socket as far as Node's HTTP
 * server looks at it: it reads from it no faster than it wants to, and writes no faster than its client reads.
 */
export class PassedOn extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #far: FarEnd;
  /** Bytes that arrived and are not read. */
  #unread = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(remoteAddress: string, remotePort: number, far: FarEnd) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
    this.#far = far;
  }

  arrived(bytes: Uint8Array): void {
    this.#idle?.refresh();
    if (this.destroyed) return;
    this.#unread += bytes.length;
    if (this.push(bytes)) this._read();
  }

  /** The other side sends no more. */
  ended(): void {
    this.push(null);
  }

  /** As of a socket: `timeout` when nothing is read or written for so long; 0: never. */
  setTimeout(ms: number, listener?: () => void): this {
    clearTimeout(this.#idle);
    this.#idle = ms === 0 ? undefined : setTimeout(() => this.emit('timeout'), ms).unref();
    if (listener) this.once('timeout', listener);
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  override _read(): void {
    if (this.#unread === 0) return;
    this.#far.taken(this.#unread);
    this.#unread = 0;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#idle?.refresh();
    this.#far.write(new Uint8Array(chunk), done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  override _final(done: Done): void {
    this.#far.end(done);
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.#idle);
    this.#far.destroy();
    done(error);
  }
}
