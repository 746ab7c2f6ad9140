import type { Socket } from 'node:net';
import type { BindRequest, RawPdu } from './wire.ts';
import { answerTo, headerBytes, isAnswer, pduBytes, Splitter, WireFault } from './wire.ts';

/** A bind as it was asked for, and what was answered. */
export interface Bind extends BindRequest {
  command: 'bind_receiver' | 'bind_transmitter' | 'bind_transceiver';
  /** Null: never answered. */
  status: number | null;
}

export interface SessionEvents {
  onRequest(session: Session, pdu: RawPdu): void;
  onClosed(session: Session): void;
  onFault(fault: string): void;
}

const empty = Buffer.alloc(0);

/** One connection of a client. */
export class Session {
  /** From 1, in the order they came. */
  readonly number: number;
  /** The last bind that was asked for. */
  bind: Bind | null = null;
  /** It asked to unbind. */
  unbound = false;
  /** Everything that it has sent, in short: command, sequence number, status. */
  readonly heard: Omit<RawPdu, 'body'>[] = [];
  readonly #socket: Socket;
  readonly #events: SessionEvents;
  readonly #splitter = new Splitter();
  readonly #unanswered = new Map<number, (answer: RawPdu | null) => void>();
  /** Sequence numbers of requests that we have not answered. */
  readonly #asked = new Set<number>();
  #sequence = 0;
  #closed = false;

  constructor(socket: Socket, number: number, events: SessionEvents) {
    this.number = number;
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('close', () => this.#close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  get bound(): boolean {
    return !this.#closed && !this.unbound && this.bind?.status === 0;
  }

  /** Messages and receipts can be sent to it. */
  get receives(): boolean {
    return this.bound && this.bind?.command !== 'bind_transmitter';
  }

  get transmits(): boolean {
    return this.bound && this.bind?.command !== 'bind_receiver';
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  /** Answers a request; `sequence` other than the request's is a lie. */
  answer(
    request: Pick<RawPdu, 'command' | 'sequence'>,
    status: number,
    body: Buffer = empty,
    sequence = request.sequence,
  ): void {
    this.#asked.delete(request.sequence);
    this.write(pduBytes({ command: answerTo(request.command), status, sequence, body }));
  }

  /** Sends a request. @returns the answer; null when the line ended before. */
  request(command: number, body: Buffer = empty): Promise<RawPdu | null> {
    const { promise, resolve } = Promise.withResolvers<RawPdu | null>();
    this.#sequence += 1;
    if (this.#closed) resolve(null);
    else this.#unanswered.set(this.#sequence, resolve);
    this.write(pduBytes({ command, status: 0, sequence: this.#sequence, body }));
    return promise;
  }

  /** Sends these last bytes and ends the line. */
  end(bytes: Buffer): void {
    this.#socket.end(bytes, () => this.#socket.destroy());
    this.#close();
  }

  /** Cuts the line: what is on its way is lost. */
  cut(): void {
    this.#socket.destroy();
    this.#close();
  }

  #read(chunk: Buffer): void {
    this.#splitter.push(chunk);
    // What answers one read leaves together.
    this.#socket.cork();
    try {
      while (!this.#closed) {
        const pdu = this.#splitter.next();
        if (!pdu) break;
        this.#take(pdu);
      }
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.#events.onFault(`session ${this.number}: ${error.message}`);
      this.cut();
    }
    this.#socket.uncork();
  }

  #take(pdu: RawPdu): void {
    const { command, sequence, status } = pdu;
    this.heard.push({ command, sequence, status });
    if (isAnswer(command)) {
      const resolve = this.#unanswered.get(sequence);
      if (!resolve) this.#fault(pdu, 'answers what was not asked');
      this.#unanswered.delete(sequence);
      resolve?.(pdu);
      return;
    }
    if (sequence === 0 || sequence > 0x7fff_ffff) this.#fault(pdu, 'its number is not allowed');
    if (this.#asked.has(sequence)) this.#fault(pdu, 'its number is in use');
    if (status !== 0) this.#fault(pdu, `a request with status ${status}`);
    this.#asked.add(sequence);
    this.#events.onRequest(this, pdu);
  }

  #fault({ command, sequence }: RawPdu, what: string): void {
    this.#events.onFault(
      `session ${this.number}: PDU 0x${command.toString(16)}, sequence ${sequence}: ${what}`,
    );
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#splitter.unfinished > 0 && this.#splitter.unfinished < headerBytes) {
      this.#events.onFault(`session ${this.number}: ended within a header`);
    }
    for (const resolve of this.#unanswered.values()) resolve(null);
    this.#unanswered.clear();
    this.#events.onClosed(this);
  }
}
