import { ProtocolError } from './protocol-error.ts';
import { EndlessBody } from './response-body.ts';
import { readHead, type ResponseHead } from './response-head.ts';

/** Of the status line and all header lines together. */
const LONGEST_HEAD = 16_384;
/** How each response begins: what begins otherwise is not waited for. */
const START = 'HTTP/1.';

/** Responses before the one that counts (1xx), each of which is passed over. */
const MOST_INTERIM = 8;

const wholeBody = new TextDecoder();

/**
 * Reads one response from bytes as they come.
 *
 *   head ──blank line──▶ body ──its end, or more of it than may be──▶ whole
 *     ▲────1xx────┘
 */
export class ResponseReader {
  /** There was more of the body than may be. */
  truncated = false;
  readonly #mostBytes: number;
  #text = '';
  #head: ResponseHead | undefined;
  /** Its connection has ended, or something came after it. */
  #last = false;
  readonly #chunks: Buffer[] = [];
  #received = 0;
  #interim = 0;

  /** @param mostBytes of the body. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get head(): ResponseHead | undefined {
    return this.#head;
  }

  /** May its connection be used for another request? */
  get reusable(): boolean {
    return this.#head?.persistent === true && !this.truncated && !this.#last;
  }

  /** @param chunk is not held on to. @returns whether the response is whole. @throws ProtocolError */
  take(chunk: Buffer): boolean {
    let rest = chunk;
    while (!this.#head) {
      const end = this.#endOfHead(rest);
      if (end < 0) return false;
      rest = rest.subarray(end);
      this.#head = readHead(this.#text);
      this.#text = '';
      if (!this.#head && ++this.#interim > MOST_INTERIM) {
        throw new ProtocolError('too many interim responses');
      }
    }
    const { body } = this.#head;
    const taken = body.take(rest, (bytes) => this.#keep(bytes));
    this.#last = taken < rest.length;
    return body.over || this.truncated;
  }

  /** The other side has ended. @returns whether that is the end of the response. */
  end(): boolean {
    this.#last = true;
    return this.#head?.body instanceof EndlessBody;
  }

  /** As it came. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Read as UTF-8. */
  text(): string {
    if (this.#received === 0) return '';
    const bytes = this.bytes();
    // `stream` leaves out the half of a character that the cut may have left.
    return this.truncated
      ? new TextDecoder().decode(bytes, { stream: true })
      : wholeBody.decode(bytes);
  }

  /** @returns where in the chunk the blank line has ended, and leaves the head in `#text`; or -1. */
  #endOfHead(chunk: Buffer): number {
    const before = this.#text.length;
    // No more of it than a head may have: another head may follow, and be read anew.
    const most = Math.max(0, LONGEST_HEAD + 4 - before);
    this.#text += chunk.toString('latin1', 0, Math.min(chunk.length, most));
    if (!this.#text.startsWith(START) && !START.startsWith(this.#text)) {
      throw new ProtocolError('what came is no HTTP/1 response');
    }
    const end = this.#text.indexOf('\r\n\r\n', Math.max(0, before - 3));
    if ((end < 0 ? this.#text.length : end) > LONGEST_HEAD) {
      throw new ProtocolError('the head of the response is too long');
    }
    if (end < 0) {
      // Whoever ends lines in another way would be waited for in vain.
      if (this.#text.includes('\n\n')) throw new ProtocolError('the response has bare line feeds');
      return -1;
    }
    this.#text = this.#text.slice(0, end);
    return end + 4 - before;
  }

  #keep(bytes: Buffer): void {
    const room = this.#mostBytes - this.#received;
    this.#received += bytes.length;
    if (room > 0) this.#chunks.push(Buffer.from(bytes.subarray(0, room)));
    if (bytes.length > room) this.truncated = true;
  }
}
