import { ProtocolError } from './protocol-error.ts';

/** Where a body ends (RFC 9112 §6.3). */
export interface Body {
  readonly over: boolean;
  /**
   * Takes bytes as they come and gives what is in the body to `keep`.
   * @returns how many of them it took: when it is over, what is left belongs to something else.
   * @throws ProtocolError
   */
  take(chunk: Buffer, keep: (bytes: Buffer) => void): number;
}

/** A body of so many bytes. */
export class SizedBody implements Body {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get over(): boolean {
    return this.#left === 0;
  }

  take(chunk: Buffer, keep: (bytes: Buffer) => void): number {
    const taken = Math.min(chunk.length, this.#left);
    this.#left -= taken;
    if (taken > 0) keep(chunk.subarray(0, taken));
    return taken;
  }
}

/** A body that ends with its connection. */
export class EndlessBody implements Body {
  readonly over = false;

  take(chunk: Buffer, keep: (bytes: Buffer) => void): number {
    if (chunk.length > 0) keep(chunk);
    return chunk.length;
  }
}

/** Of a line with the size of a chunk, and of the trailer. */
const LONGEST_LINE = 1_024;
const LONGEST_TRAILER = 16_384;
/** What follows a semicolon means nothing to us. Seven digits are more than is ever read. */
const SIZE = /^([0-9a-fA-F]{1,7})[ \t]*(?:;.*)?$/;

/**
 * A body in chunks (RFC 9112 §7.1).
 *
 *   size ──▶ data ──all of it──▶ data's end ──▶ size
 *     └─0──▶ trailer ──empty line──▶ over
 */
export class ChunkedBody implements Body {
  #state: 'size' | 'data' | 'data end' | 'trailer' | 'over' = 'size';
  #line = '';
  #left = 0;
  #trailer = 0;

  get over(): boolean {
    return this.#state === 'over';
  }

  take(chunk: Buffer, keep: (bytes: Buffer) => void): number {
    let at = 0;
    while (at < chunk.length && this.#state !== 'over') {
      if (this.#state === 'data') {
        const bytes = chunk.subarray(at, at + this.#left);
        keep(bytes);
        at += bytes.length;
        this.#left -= bytes.length;
        if (this.#left === 0) this.#state = 'data end';
      } else {
        const end = chunk.indexOf('\n', at);
        this.#line += chunk.toString('latin1', at, end < 0 ? chunk.length : end + 1);
        at = end < 0 ? chunk.length : end + 1;
        if (this.#line.length > LONGEST_LINE)
          throw new ProtocolError('a chunk has too long a line');
        if (end >= 0) this.#lineEnded();
      }
    }
    return at;
  }

  #lineEnded(): void {
    const line = this.#line.slice(0, -2);
    if (!this.#line.endsWith('\r\n') || line.includes('\r')) {
      throw new ProtocolError('a line of a chunked body does not end as it must');
    }
    this.#line = '';
    if (this.#state === 'size') {
      const size = SIZE.exec(line)?.[1];
      if (size === undefined) throw new ProtocolError('a chunk has no size');
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    } else if (this.#state === 'data end') {
      if (line !== '') throw new ProtocolError('a chunk is longer than its size');
      this.#state = 'size';
    } else {
      this.#trailer += line.length;
      if (this.#trailer > LONGEST_TRAILER) throw new ProtocolError('the trailer is too long');
      if (line === '') this.#state = 'over';
    }
  }
}
