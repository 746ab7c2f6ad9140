import type { Socket } from 'node:net';
import type { ConnectionId, FromThread, ToThread } from './messages.ts';
import { isRemembered } from './messages.ts';
import { longestBody, readPlainRequest } from './plain-request.ts';

/** How long the rest of a plain request may take. Many clients send head and body one after the other. */
const restMs = 20;
/** Who has connected and says nothing for so long is left to Node's parser, which knows when to lose patience. */
const silentMs = 1_000;
/** What comes while a request is under way is not read beyond this. */
const mostKept = longestBody;
/** Nor what is passed on beyond this, while nobody takes it. */
const mostUntaken = 256 * 1024;
/** Longer than what is promised: who asks at the last moment is answered. */
const graceMs = 1_000;

export interface ConnectionParts {
  tell: (news: FromThread) => void;
  keepAliveMs: number;
}

/**
 * One connection.
 *
 *   idle ──a plain request, whole──▶ asked ──its answer has left──▶ idle, or what came meanwhile is read
 *    │ └──the beginning of one──▶ partial ──the rest──▶ asked
 *    │                               │ 20 ms
 *    └──anything else────────────────┴──▶ passed on, byte by byte, until its end
 *
 * A connection that is passed on is Node's: its HTTP parser on the main thread reads it, with all its patience and
 * limits. What is read here is the small request that comes whole, which is nearly all of them.
 */
export class Connection {
  readonly #id: ConnectionId;
  readonly #socket: Socket;
  readonly #tell: (news: FromThread) => void;
  readonly #keepAliveMs: number;
  #state: 'idle' | 'partial' | 'asked' | 'passed on' = 'idle';
  /** What has arrived and was not read. */
  #kept: Buffer | undefined;
  #patience: NodeJS.Timeout | undefined;
  /** Bytes that were passed on and nobody has taken yet. */
  #untaken = 0;
  /** Those that are remembered, see `isRemembered`. */
  #headers: readonly string[] = [];
  /** It has had an answer. */
  #known = false;
  /** It ends with the answer that is under way. */
  #last = false;

  constructor(id: ConnectionId, socket: Socket, { tell, keepAliveMs }: ConnectionParts) {
    this.#id = id;
    this.#socket = socket;
    this.#tell = tell;
    this.#keepAliveMs = keepAliveMs;
    socket.setTimeout(silentMs);
    socket.on('data', (bytes: Buffer) => this.#arrived(bytes));
    socket.on('end', () => this.#ended());
    socket.on('timeout', () => this.#silent());
    // Its end is told by `close`.
    socket.on('error', () => {});
    socket.once('close', () => clearTimeout(this.#patience));
  }

  obey(order: Exclude<ToThread, readonly ['close']>): void {
    const socket = this.#socket;
    switch (order[0]) {
      case 'answer': {
        const [, , head, body, last] = order;
        this.#last ||= last;
        this.#answered(write(socket, this.#whole(head), body));
        return;
      }
      case 'begin':
        this.#last ||= order[3];
        write(socket, this.#whole(order[2]), null);
        return;
      case 'write':
        if (socket.write(order[2])) this.#tell(['written', this.#id]);
        else socket.once('drain', () => this.#tell(['written', this.#id]));
        return;
      case 'done':
        this.#answered(!socket.writableNeedDrain);
        return;
      case 'end':
        socket.end(() => this.#tell(['written', this.#id]));
        return;
      case 'destroy':
        socket.destroy();
        return;
      case 'taken':
        this.#untaken -= order[2];
        if (this.#untaken <= mostUntaken && socket.isPaused()) socket.resume();
    }
  }

  /** The gateway stops: it ends now, or after the answer that is under way. */
  leave(): void {
    this.#last = true;
    if (this.#state === 'idle') this.#socket.destroySoon();
  }

  #arrived(bytes: Buffer): void {
    if (this.#state === 'passed on') {
      this.#pass(bytes);
      return;
    }
    this.#kept = this.#kept ? Buffer.concat([this.#kept, bytes]) : bytes;
    if (this.#state !== 'asked') this.#read();
    else if (this.#kept.length > mostKept) this.#socket.pause();
  }

  #read(): void {
    const kept = this.#kept;
    if (!kept) return;
    const request = readPlainRequest(kept);
    if (request === 'other') {
      this.#passOn();
    } else if (request === 'partial') {
      if (this.#state === 'idle') {
        this.#state = 'partial';
        this.#patience = setTimeout(() => this.#passOn(), restMs);
      }
    } else {
      clearTimeout(this.#patience);
      this.#state = 'asked';
      this.#kept = kept.length > request.length ? kept.subarray(request.length) : undefined;
      const { method, url, headers, body } = request;
      const asBefore = sameButForLength(headers, this.#headers, body?.length ?? 0);
      if (!asBefore && isRemembered(url, headers)) this.#headers = headers;
      this.#tell(['asked', this.#id, method, url, asBefore ? null : headers, body]);
    }
  }

  /** @param flows what was written has left, or need not be waited for. */
  #answered(flows: boolean): void {
    if (flows || this.#last) this.#next();
    else this.#socket.once('drain', () => this.#next());
  }

  #next(): void {
    if (this.#last) {
      this.#socket.destroySoon();
      return;
    }
    if (!this.#known) {
      this.#known = true;
      this.#socket.setTimeout(this.#keepAliveMs + graceMs);
    }
    this.#state = 'idle';
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#read();
  }

  #passOn(): void {
    clearTimeout(this.#patience);
    this.#state = 'passed on';
    this.#socket.setTimeout(0);
    const kept = this.#kept ?? Buffer.alloc(0);
    this.#kept = undefined;
    this.#pass(kept);
  }

  #pass(bytes: Buffer): void {
    this.#untaken += bytes.length;
    if (this.#untaken > mostUntaken) this.#socket.pause();
    // A buffer would take all of the piece of memory along that it is a part of.
    this.#tell(['arrived', this.#id, new Uint8Array(bytes)]);
  }

  /** The other side sends no more. */
  #ended(): void {
    if (this.#state === 'idle') {
      this.#socket.end();
      return;
    }
    if (this.#state === 'partial') this.#passOn();
    this.#tell(['ended', this.#id]);
  }

  #silent(): void {
    if (this.#state !== 'idle') return;
    if (this.#known) this.#socket.destroy();
    else this.#passOn();
  }

  /** The head with what is the connection's to say. */
  #whole(head: string): string {
    const stays = this.#last
      ? 'Connection: close\r\n\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#keepAliveMs / 1000)}\r\n\r\n`;
    return `${head}Date: ${dateNow()}\r\n${stays}`;
  }
}

/** @param length of the body. One that is written otherwise (`007`) is another line. */
function sameButForLength(
  headers: readonly string[],
  before: readonly string[],
  length: number,
): boolean {
  if (headers.length !== before.length) return false;
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at];
    if (name !== before[at]) return false;
    const value = name === 'content-length' ? `${length}` : before[at + 1];
    if (headers[at + 1] !== value) return false;
  }
  return true;
}

/** @returns false when it should be waited for. */
function write(socket: Socket, head: string, body: string | Uint8Array | null): boolean {
  // Header lines are Latin-1, texts UTF-8; in ASCII both are the same, and one write will do.
  if (typeof body === 'string' && isAscii(head)) return socket.write(head + body);
  socket.cork();
  let flows = socket.write(head, 'latin1');
  if (body !== null) flows = socket.write(body);
  socket.uncork();
  return flows;
}

function isAscii(text: string): boolean {
  return /^[\t\r\n -~]*$/.test(text);
}

let date = '';
let dateSecond = 0;

/** HTTP's form of now, made once a second. */
function dateNow(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date(second * 1000).toUTCString();
  }
  return date;
}
