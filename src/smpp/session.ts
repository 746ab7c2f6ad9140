import type { Socket } from 'node:net';
import { decodePdu } from './codec/decode.ts';
import { encodePdu } from './codec/encode.ts';
import { FrameReader } from './codec/frames.ts';
import type { Pdu, PduOf, RequestPdu, ResponsePdu } from './codec/pdu.ts';
import type { Answer } from './pending.ts';
import { PendingRequests } from './pending.ts';

/** Time, as the gateway's clock gives it. */
export interface SessionClock {
  now(): number;
  after(delayMs: number, task: () => void): { cancel(): void };
}

/** A request that leaves: the session gives it its sequence number. */
export type Outgoing<P = RequestPdu> = P extends unknown ? Omit<P, 'sequence' | 'status'> : never;
/** The answer to a request: the session gives it the request's sequence number. */
export type Reply<P = ResponsePdu | PduOf<'generic_nack'>> = P extends unknown
  ? Omit<P, 'sequence'>
  : never;

export interface SessionSettings {
  /** Milliseconds until a request is given up as silent. */
  responseTimeoutMs: number;
  /** Milliseconds of silence after which the peer is asked whether it is there; 0 never asks. */
  enquireLinkMs: number;
  /** The peer's requests that may wait for our answers at once; beyond it nothing more is read. */
  mostOpenRequests: number;
}

export interface SessionEvents {
  /**
   * A request of the peer, apart from enquire_link and unbind, which the session answers by itself.
   * `answer` may be called later, once, or never, when the session is being closed.
   */
  onRequest(pdu: RequestPdu, answer: (response: Reply) => void): void;
  /** The session is over, once. `reason` is for people. */
  onClosed(reason: string): void;
  /** Something odd that did not end the session: one line for the owner. Never a text or a secret. */
  onOddity(what: string): void;
}

/** Enquiries that may stay unanswered: the second one ends the session. */
const mostUnheard = 2;
/** Bytes that may wait to leave before nothing more is read: a peer that asks and does not listen. */
const mostUnsentBytes = 1 << 20;
const timeoutLookMs = 1_000;
const unbindMs = 2_000;

/**
 * One SMPP connection, whichever side opened it: requests and answers, nothing of what they mean.
 *
 *   open ──unbind, either side's──▶ closing ──answered, or time is up──▶ closed
 *     └──────────connection lost, peer silent, stream unreadable────────▶ closed
 *
 * Who unbinds is first answered what he asked before: otherwise he would not know what became of it.
 *
 * A PDU that cannot be read is answered with `generic_nack` and the session goes on (SMPP 3.4, 4.3);
 * only a length that cannot be true ends it, for after it nobody knows where the next PDU begins.
 * What is written within one turn of the loop leaves as one piece.
 */
export class Session {
  readonly #socket: Socket;
  readonly #clock: SessionClock;
  readonly #settings: SessionSettings;
  readonly #events: SessionEvents;
  readonly #frames = new FrameReader();
  readonly #pending = new PendingRequests();
  #state: 'open' | 'closing' | 'closed' = 'open';
  #openRequests = 0;
  #out: Buffer[] = [];
  #flushing = false;
  #heardAt: number;
  #unheard = 0;
  #paused = false;
  #resuming = false;
  /** The peer's unbind, while what it asked before is not answered. */
  #goodbye: { sequence: number; since: number } | undefined;
  #look: { cancel(): void } | undefined;
  #lastWait: { cancel(): void } | undefined;

  /** Takes a connected socket, which is the session's from now on. */
  constructor(
    socket: Socket,
    clock: SessionClock,
    settings: SessionSettings,
    events: SessionEvents,
  ) {
    this.#socket = socket;
    this.#clock = clock;
    this.#settings = settings;
    this.#events = events;
    this.#heardAt = clock.now();
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('drain', () => this.#resumeWhenCalm());
    socket.on('error', (error) => this.#end(`the connection failed: ${error.message}`));
    socket.on('close', () => {
      this.#lastWait?.cancel();
      this.#end('the peer closed the connection');
    });
    this.#lookLater();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Requests that the peer has not answered. */
  get unanswered(): number {
    return this.#pending.size;
  }

  /** Requests of the peer that are not answered. */
  get openRequests(): number {
    return this.#openRequests;
  }

  /**
   * Sends a request, which is the session's from now on: it gets its sequence number.
   * @param onAnswer told once what came of it.
   * @param onLate told of a response that came after `silent`.
   * Throws RangeError when a field does not fit; nothing left then.
   */
  request(pdu: Outgoing, onAnswer: (answer: Answer) => void, onLate?: (pdu: Pdu) => void): void {
    if (this.#state !== 'open') {
      onAnswer({ kind: 'unsent' });
      return;
    }
    this.#send(pdu, onAnswer, onLate);
  }

  /** The same, awaited. */
  ask(pdu: Outgoing): Promise<Answer> {
    return new Promise((resolve) => this.request(pdu, resolve));
  }

  /** Sends unbind, waits for its answer and closes; at the latest after two seconds. */
  unbind(reason: string): Promise<void> {
    if (this.#state !== 'open') return this.#whenClosed();
    this.#send({ command: 'unbind' }, () => this.#endAfterFlush(reason));
    this.#state = 'closing';
    // Time-outs of answers are not enough: of a session that is paused nothing more is read.
    const patienceMs = Math.min(this.#settings.responseTimeoutMs, unbindMs);
    this.#lastWait = this.#clock.after(patienceMs, () => this.#end(`${reason}, unanswered`));
    return this.#whenClosed();
  }

  /** Ends the connection at once. */
  destroy(reason: string): void {
    this.#end(reason);
  }

  /** Writes what was answered so far, then ends the connection. */
  close(reason: string): void {
    this.#endAfterFlush(reason);
  }

  #whenClosed(): Promise<void> {
    if (this.#socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  #send(pdu: Outgoing, onAnswer: (answer: Answer) => void, onLate?: (pdu: Pdu) => void): void {
    const sentAt = this.#clock.now();
    const sequence = this.#pending.add({ command: pdu.command, sentAt, onAnswer, onLate });
    // Written into it and not copied: a submit_sm has twenty fields, and there are thousands a second.
    const whole = pdu as Pdu;
    whole.sequence = sequence;
    whole.status = 0;
    let bytes: Buffer;
    try {
      bytes = encodePdu(whole);
    } catch (error) {
      this.#pending.forget(sequence);
      throw error;
    }
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.#out.push(bytes);
    if (this.#flushing) return;
    this.#flushing = true;
    // Not a microtask: answers of one commit come one by one, and shall leave together.
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    const out = this.#out;
    if (out.length === 0 || this.#socket.destroyed) return;
    this.#out = [];
    this.#socket.write(out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out));
    if (this.#socket.writableLength > mostUnsentBytes) this.#pause();
  }

  #hear(chunk: Buffer): void {
    // Nobody reads any more what comes until the socket is gone.
    if (this.#state === 'closed') return;
    this.#heardAt = this.#clock.now();
    this.#unheard = 0;
    this.#frames.push(chunk);
    this.#readFrames();
  }

  /** Stops within a chunk when enough is open: the rest stays in the reader, and the socket is paused. */
  #readFrames(): void {
    while (this.#state !== 'closed' && !this.#paused) {
      const frame = this.#frames.next();
      if (frame === undefined) return;
      if (!Buffer.isBuffer(frame)) {
        this.#events.onOddity(frame.reason);
        this.#nack(frame.sequence, frame.status);
        if (frame.fatal) {
          this.#endAfterFlush(`the stream cannot be read: ${frame.reason}`);
          return;
        }
        continue;
      }
      this.#take(decodePdu(frame));
    }
  }

  #take(pdu: ReturnType<typeof decodePdu>): void {
    switch (pdu.command) {
      case 'broken':
        this.#events.onOddity(pdu.reason);
        // A response that cannot be read is not answered: its request runs into its time-out.
        if (pdu.commandId < 0x8000_0000) this.#nack(pdu.sequence, pdu.status);
        return;
      case 'enquire_link':
        this.#answer(pdu.sequence, { command: 'enquire_link_resp', status: 0 });
        return;
      case 'unbind':
        this.#goodbye = { sequence: pdu.sequence, since: this.#clock.now() };
        this.#state = 'closing';
        this.#leaveWhenAnswered();
        return;
      case 'alert_notification':
      case 'outbind':
        this.#events.onRequest(pdu, () => {});
        return;
      default:
        if (isRequest(pdu)) this.#open(pdu);
        else if (!this.#pending.answer(pdu)) {
          this.#events.onOddity(`${pdu.command} ${pdu.sequence} answers nothing that was asked`);
        }
    }
  }

  /** Says goodbye to a peer that has unbound, once it has its answers, or they take too long. */
  #leaveWhenAnswered(): void {
    if (!this.#goodbye || this.#state === 'closed') return;
    const { sequence, since } = this.#goodbye;
    const waited = this.#clock.now() - since;
    if (this.#openRequests > 0 && waited < this.#settings.responseTimeoutMs) return;
    this.#answer(sequence, { command: 'unbind_resp', status: 0 });
    this.#endAfterFlush('the peer unbound');
  }

  #open(pdu: RequestPdu): void {
    if (this.#goodbye) {
      this.#events.onOddity(`${pdu.command} ${pdu.sequence} came after unbind`);
      return;
    }
    this.#openRequests += 1;
    if (this.#openRequests >= this.#settings.mostOpenRequests) this.#pause();
    let answered = false;
    this.#events.onRequest(pdu, (response) => {
      if (answered) return;
      answered = true;
      this.#openRequests -= 1;
      this.#answer(pdu.sequence, response);
      this.#resumeWhenCalm();
      this.#leaveWhenAnswered();
    });
  }

  #answer(sequence: number, response: Reply): void {
    if (this.#state === 'closed') return;
    this.#write(encodePdu({ ...response, sequence }));
  }

  #nack(sequence: number, status: number): void {
    this.#write(encodePdu({ command: 'generic_nack', sequence, status }));
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #resumeWhenCalm(): void {
    if (this.#resuming || !this.#mayResume()) return;
    this.#resuming = true;
    // In another turn: answers that need none (SQLite reads) would let one peer's requests follow one
    // another for as long as it has any, and nobody else be served.
    setImmediate(() => {
      this.#resuming = false;
      if (!this.#mayResume()) return;
      this.#paused = false;
      this.#readFrames();
      if (!this.#paused) this.#socket.resume();
    });
  }

  #mayResume(): boolean {
    if (!this.#paused || this.#state === 'closed') return false;
    // Half, so that it does not stop and go with every answer.
    return this.#openRequests <= this.#settings.mostOpenRequests / 2 && !this.#isUnheard();
  }

  /** Does the peer leave what we say where it is? */
  #isUnheard(): boolean {
    return this.#socket.writableLength > mostUnsentBytes / 2;
  }

  #lookLater(): void {
    this.#look = this.#clock.after(timeoutLookMs, () => {
      this.#lookAround();
      if (this.#state !== 'closed') this.#lookLater();
    });
  }

  #lookAround(): void {
    const now = this.#clock.now();
    this.#leaveWhenAnswered();
    if (this.#paused && !this.#isUnheard()) {
      // It is our answers that are late: what the peer has said may lie unread.
      this.#heardAt = now;
      return;
    }
    this.#pending.expire(now - this.#settings.responseTimeoutMs);
    const { enquireLinkMs } = this.#settings;
    if (this.#state !== 'open' || enquireLinkMs === 0) return;
    if (now - this.#heardAt < enquireLinkMs * (this.#unheard + 1)) return;
    if (this.#unheard >= mostUnheard) {
      this.#end('the peer does not answer');
      return;
    }
    this.#unheard += 1;
    this.#send({ command: 'enquire_link' }, () => {});
  }

  #endAfterFlush(reason: string): void {
    if (this.#state === 'closed') return;
    this.#flush();
    this.#socket.end();
    this.#end(reason, false);
    // A peer that never closes its side is not waited for.
    if (!this.#socket.destroyed) {
      this.#lastWait?.cancel();
      this.#lastWait = this.#clock.after(timeoutLookMs, () => this.#socket.destroy());
    }
  }

  #end(reason: string, destroy = true): void {
    if (destroy) this.#socket.destroy();
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#look?.cancel();
    this.#pending.close();
    this.#events.onClosed(reason);
  }
}

function isRequest(pdu: Pdu): pdu is RequestPdu {
  return !pdu.command.endsWith('_resp') && pdu.command !== 'generic_nack';
}
