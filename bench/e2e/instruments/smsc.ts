import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { destinationBytes, filler, blanks, placeInDestination } from '../numbering.ts';
import { sender, text } from '../protocol.ts';
import type { Ledger } from './ledger.ts';

/**
 * A carrier that takes every message and reports it delivered (SMPP 3.4). Bytes are read and written
 * by hand and as many at once as there are, for the carrier shares the cores with what it measures.
 */

/** So long after the response: a gateway has read that by itself by then, as with a carrier. */
const receiptDelayMs = 5;

const headerBytes = 16;
const answerBit = 0x8000_0000;
const submitSm = 0x0000_0004;
const deliverSmResp = 0x8000_0005;
/** bind_receiver, bind_transmitter, bind_transceiver: answered with a system id. */
const binds: ReadonlySet<number> = new Set([0x0000_0001, 0x0000_0002, 0x0000_0009]);
/** enquire_link, unbind: answered with nothing but the header. */
const simple: ReadonlySet<number> = new Set([0x0000_0015, 0x0000_0006]);

const said = Buffer.from(text, 'latin1');

/** Ids are as long as this all. */
const firstId = 1_000_000_000;
const idBytes = 10;

export function smscServer(ledger: () => Ledger) {
  const taken: number[] = [];
  return createServer({ noDelay: true }, (socket) => new Session(socket, ledger, taken));
}

class Session {
  readonly #socket: Socket;
  readonly #ledger: () => Ledger;
  #rest: Buffer = Buffer.alloc(0);
  readonly #taken: number[];

  /** @param taken the places of the messages that all sessions took: what is at 0 has the first id. */
  constructor(socket: Socket, ledger: () => Ledger, taken: number[]) {
    this.#socket = socket;
    this.#ledger = ledger;
    this.#taken = taken;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const before = this.#taken.length;
    const answers = Buffer.allocUnsafe(bytes.length + 2 * headerBytes);
    let written = 0;
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const length = bytes.readUInt32BE(at);
      if (bytes.length - at < length) break;
      written = this.#take(bytes, at, answers, written);
      at += length;
    }
    this.#rest = bytes.subarray(at);
    if (written > 0) this.#socket.write(answers.subarray(0, written));
    const after = this.#taken.length;
    if (after > before) setTimeout(() => this.#report(before, after), receiptDelayMs);
  }

  /** Takes the PDU at `at`; @returns where the answers end now. */
  #take(bytes: Buffer, at: number, answers: Buffer, written: number): number {
    const command = bytes.readUInt32BE(at + 4);
    if (command === submitSm) {
      const place = readSubmit(bytes, at + headerBytes);
      if (place < 0) this.#ledger().strange();
      else this.#ledger().submitted(place);
      this.#taken.push(place);
      submitSmResp.copy(answers, written);
      bytes.copy(answers, written + 12, at + 12, at + 16);
      writeDigits(answers, written + headerBytes, firstId + this.#taken.length - 1);
      return written + submitSmResp.length;
    }
    if (command === deliverSmResp) {
      const place = this.#taken[bytes.readUInt32BE(at + 12) - 1];
      if (place === undefined || bytes.readUInt32BE(at + 8) !== 0) this.#ledger().strange();
      else this.#ledger().acknowledged(place);
      return written;
    }
    if (binds.has(command)) return header(answers, written, command, bytes, at, 'smsc\0');
    if (simple.has(command)) return header(answers, written, command, bytes, at, '');
    // What else a gateway says is answers of its own.
    if (command < answerBit) this.#ledger().strange();
    return written;
  }

  /** Reports the messages from one id up to another, in one write. */
  #report(from: number, to: number): void {
    const bytes = Buffer.allocUnsafe((to - from) * receipt.bytes.length);
    for (let id = from, at = 0; id < to; id++, at += receipt.bytes.length) {
      receipt.bytes.copy(bytes, at);
      bytes.writeUInt32BE(id + 1, at + 12);
      const destination = internationalOf(this.#taken[id] as number);
      bytes.write(destination, at + receipt.source, 'latin1');
      writeDigits(bytes, at + receipt.idInText, firstId + id);
      writeDigits(bytes, at + receipt.idInTlv, firstId + id);
    }
    if (this.#socket.writable) this.#socket.write(bytes);
  }
}

const internationalOf = filler(blanks.international);

/** The place of the message in the body of a submit_sm; negative when it is not what was sent. */
function readSubmit(bytes: Buffer, body: number): number {
  // service_type; then TON and NPI before each address.
  const source = bytes.indexOf(0, body) + 3;
  const destination = bytes.indexOf(0, source) + 3;
  const after = destination + destinationBytes;
  // esm_class, protocol_id, priority_flag; then two times.
  const times = after + 4;
  const flags = bytes.indexOf(0, bytes.indexOf(0, times) + 1) + 1;
  // registered_delivery, replace_if_present, data_coding, sm_default_msg_id; then the text.
  const length = bytes[flags + 4] as number;
  const text = flags + 5;
  const right =
    bytes[after] === 0 &&
    (bytes[flags] as number) === 1 &&
    said.compare(bytes, text, text + length) === 0;
  return right ? placeInDestination(bytes, destination) : -1;
}

function writeDigits(bytes: Buffer, at: number, value: number): void {
  let rest = value;
  for (let digit = at + idBytes - 1; digit >= at; digit--) {
    const tens = Math.floor(rest / 10);
    bytes[digit] = 48 + rest - tens * 10;
    rest = tens;
  }
}

/** Writes an answer of status 0 to a request; @returns where it ends. */
function header(
  answers: Buffer,
  written: number,
  command: number,
  bytes: Buffer,
  at: number,
  body: string,
): number {
  answers.writeUInt32BE(headerBytes + body.length, written);
  answers.writeUInt32BE(command + answerBit, written + 4);
  answers.writeUInt32BE(0, written + 8);
  bytes.copy(answers, written + 12, at + 12, at + 16);
  answers.write(body, written + headerBytes, 'latin1');
  return written + headerBytes + body.length;
}

/** A response with room for an id. */
const submitSmResp = (() => {
  const bytes = Buffer.alloc(headerBytes + idBytes + 1);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(submitSm + answerBit, 4);
  return bytes;
})();

/** A receipt as SMPP 3.4 has it (appendix B), with the TLVs, and where its blanks are. */
const receipt = (() => {
  const id = '#'.repeat(idBytes);
  const date = new Date().toISOString().replaceAll(/\D/g, '').slice(2, 12);
  const words = `id:${id} sub:001 dlvrd:001 submit date:${date} done date:${date} stat:DELIVRD err:000 text:${text.slice(0, 20)}`;
  const source = '#'.repeat(destinationBytes);
  const body = Buffer.concat([
    // service_type, source, destination (alphanumeric senders cannot be answered, but are named).
    Buffer.from(`\0\x01\x01${source}\0\x05\0${sender}\0`, 'latin1'),
    // esm_class: a receipt; protocol_id, priority_flag, two times, four flags.
    Buffer.from([0x04, 0, 0, 0, 0, 0, 0, 0, 0, words.length]),
    Buffer.from(words, 'latin1'),
    // receipted_message_id, message_state DELIVERED.
    Buffer.from([0x00, 0x1e, 0, idBytes + 1]),
    Buffer.from(`${id}\0`, 'latin1'),
    Buffer.from([0x04, 0x27, 0, 1, 2]),
  ]);
  const bytes = Buffer.alloc(headerBytes + body.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(0x0000_0005, 4);
  body.copy(bytes, headerBytes);
  return {
    bytes,
    source: headerBytes + 3,
    idInText: bytes.indexOf(id, headerBytes + 3 + destinationBytes),
    idInTlv: bytes.lastIndexOf(id),
  };
})();
