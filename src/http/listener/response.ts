import type { OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { Writable } from 'node:stream';
import type { WholeRequest } from './request.ts';

/** Takes an answer to its connection. */
export interface Way {
  /** All of it at once. @param last the connection ends with it. */
  answer(head: string, body: string | Uint8Array | null, last: boolean): void;
  begin(head: string, last: boolean): void;
  /** @param written is called once it has left. */
  write(data: string | Uint8Array, written: () => void): void;
  done(): void;
  destroy(): void;
}

type Done = (error?: Error | null) => void;

/**
 * The answer to a `WholeRequest`, with the face of Node's `ServerResponse` as far as Fastify and our routes use it.
 * What is ended in one call, as nearly all are, goes as one; what is written bit by bit goes as it is written, and no
 * faster than its client reads. Date and Connection are added by the connection.
 */
export class WholeResponse extends Writable {
  statusCode = 200;
  readonly req: WholeRequest;
  readonly #way: Way;
  /** By names in small letters. */
  readonly #headers: OutgoingHttpHeaders = {};
  headersSent = false;
  /** How the body goes over the wire, once the head has gone. */
  #framing: 'none' | 'whole' | 'by length' | 'chunked' | undefined;

  constructor(req: WholeRequest, way: Way) {
    super({ decodeStrings: false });
    this.req = req;
    this.#way = way;
  }

  /** @throws TypeError for what no header line may hold. */
  setHeader(name: string, value: OutgoingHttpHeader): this {
    if (this.headersSent) throw sentAlready();
    validate(name, value);
    this.#headers[name.toLowerCase()] = value;
    return this;
  }

  getHeader(name: string): OutgoingHttpHeader | undefined {
    return this.#headers[name.toLowerCase()];
  }

  getHeaders(): OutgoingHttpHeaders {
    return { ...this.#headers };
  }

  hasHeader(name: string): boolean {
    return this.getHeader(name) !== undefined;
  }

  removeHeader(name: string): void {
    if (this.headersSent) throw sentAlready();
    this.#headers[name.toLowerCase()] = undefined;
  }

  /** @throws TypeError for what no header line may hold. */
  writeHead(status: number, headers?: OutgoingHttpHeaders): this {
    if (this.headersSent) throw sentAlready();
    // All before any: who is told of an error says something else instead.
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) validate(name, value);
    }
    this.statusCode = status;
    for (const name in headers) {
      const value = headers[name];
      if (value !== undefined) this.#headers[name.toLowerCase()] = value;
    }
    this.headersSent = true;
    return this;
  }

  /** Sends the head, though nothing of the body is there yet. */
  flushHeaders(): void {
    if (this.#framing !== undefined) return;
    if (!this.#hasBody()) this.#framing = 'none';
    else if (this.#headers['content-length'] !== undefined) this.#framing = 'by length';
    else {
      this.#framing = 'chunked';
      this.#headers['transfer-encoding'] = 'chunked';
    }
    this.#way.begin(this.#head(), this.#isLast());
  }

  override end(...given: unknown[]): this {
    if (this.writableEnded || this.destroyed) return this;
    const told = given.find((one) => typeof one === 'function') as (() => void) | undefined;
    if (told) this.once('finish', told);
    const [chunk, encoding] = given;
    const body = typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : '';
    if (!this.#canGoWhole(body)) {
      if (body.length === 0) super.end();
      else super.end(body, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
      return this;
    }
    this.#answer(body);
    super.end();
    return this;
  }

  /** What is long waits until it is read, for who counts what is under way. */
  #canGoWhole(body: string | Uint8Array): boolean {
    if (this.#framing !== undefined || this.writableLength > 0) return false;
    if (this.#headers['transfer-encoding'] !== undefined) return false;
    if (body.length <= mostWhole) return true;
    if (this.#hasBody()) this.#headers['content-length'] ??= Buffer.byteLength(body);
    return false;
  }

  override _write(chunk: string | Buffer, encoding: BufferEncoding, done: Done): void {
    this.flushHeaders();
    // An empty chunk would be the last one.
    if (this.#framing === 'none' || chunk.length === 0) {
      done();
      return;
    }
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    const framed =
      this.#framing === 'chunked'
        ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, lineEnd])
        : bytes;
    this.#way.write(new Uint8Array(framed), done);
  }

  override _final(done: Done): void {
    if (this.#framing === 'whole') {
      done();
      return;
    }
    this.flushHeaders();
    const end = (): void => {
      this.#way.done();
      done();
    };
    if (this.#framing === 'chunked') this.#way.write('0\r\n\r\n', end);
    else end();
  }

  /** As with Node's, an error of it is nobody's. */
  override _destroy(_error: Error | null, done: Done): void {
    if (!this.writableFinished) this.#way.destroy();
    done(null);
  }

  #answer(body: string | Uint8Array): void {
    this.#framing = 'whole';
    const hasBody = this.#hasBody();
    if (hasBody) this.#headers['content-length'] ??= Buffer.byteLength(body);
    const sent = hasBody && body.length > 0 ? body : null;
    this.#way.answer(
      this.#head(),
      // Of a buffer all that it is part of would go along.
      typeof sent === 'string' || sent === null ? sent : new Uint8Array(sent),
      this.#isLast(),
    );
  }

  #hasBody(): boolean {
    return this.req.method !== 'HEAD' && this.statusCode !== 204 && this.statusCode !== 304;
  }

  #isLast(): boolean {
    const { connection } = this.#headers;
    return typeof connection === 'string' && connection.toLowerCase() === 'close';
  }

  #head(): string {
    this.headersSent = true;
    const { statusCode } = this;
    let head = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? 'unknown'}\r\n`;
    for (const name in this.#headers) {
      const value = this.#headers[name];
      if (value === undefined || name === 'connection') continue;
      if (Array.isArray(value)) for (const one of value) head += `${name}: ${one}\r\n`;
      else head += `${name}: ${value}\r\n`;
    }
    return head;
  }
}

const lineEnd = Buffer.from('\r\n');
/** A longer answer is written, and so waits until its client reads. */
const mostWhole = 64 * 1024;

function validate(name: string, value: OutgoingHttpHeader): void {
  validateHeaderName(name);
  for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, `${one}`);
}

function sentAlready(): Error {
  return Object.assign(new Error('The head of the answer has been sent.'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  });
}
