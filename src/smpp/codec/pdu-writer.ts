import { mostPduOctets } from './limits.ts';
import type { Tlv } from './pdu.ts';

/**
 * Writes one PDU after the other, field by field; each method takes the specification's name of the
 * field, which is in the RangeError that it throws for what does not fit. A value is never in one.
 *
 * Its buffer is its own for good: a PDU is written from the front and what was written copied out.
 * So each costs one allocation of just its length, and fields are not measured before they are written.
 */
export class PduWriter {
  readonly #bytes = Buffer.allocUnsafeSlow(mostPduOctets);
  #at = 0;

  /** Begins a PDU, whatever became of the one before. */
  begin(commandId: number, status: number, sequence: number): void {
    this.#at = 4; // the length, once it is known
    this.quad('command_id', commandId);
    this.quad('command_status', status);
    this.quad('sequence_number', sequence);
  }

  /** Ends the PDU; what it gives is the caller's. */
  end(): Buffer {
    const length = this.#at;
    this.#at = 0;
    this.quad('command_length', length);
    const pdu = Buffer.allocUnsafe(length);
    this.#bytes.copy(pdu, 0, 0, length);
    return pdu;
  }

  octet(field: string, value: number): void {
    if ((value & 0xff) !== value) throw new RangeError(`${field} is not an octet`);
    this.#bytes[this.#at++] = value;
  }

  quad(field: string, value: number): void {
    if (value >>> 0 !== value) throw new RangeError(`${field} does not fit four octets`);
    this.#at = this.#bytes.writeUInt32BE(value, this.#at);
  }

  /** A C-octet string of at most `most` octets with its NUL. */
  text(field: string, value: string, most: number): void {
    const { length } = value;
    if (length >= most) {
      throw new RangeError(`${field} has ${length} characters: at most ${most - 1} fit`);
    }
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code === 0) throw new RangeError(`${field} has a NUL in it`);
      if (code > 0xff) throw new RangeError(`${field} has a character that Latin-1 has not`);
      bytes[at++] = code;
    }
    bytes[at++] = 0;
    this.#at = at;
  }

  /** A time of chapter 7.1.1: 16 characters, or none. */
  time(field: string, value: string): void {
    if (value !== '' && value.length !== 16) {
      throw new RangeError(`${field} has ${value.length} characters: a time has 16`);
    }
    this.text(field, value, 17);
  }

  // Nothing before the TLVs can reach the end: the longest, a submit_multi of 254 addresses, has 6.5 KiB.

  /** `sm_length` and `short_message`. */
  shortMessage(value: Buffer): void {
    if (value.length > 254) {
      throw new RangeError(`short_message has ${value.length} octets: at most 254 fit`);
    }
    this.#bytes[this.#at++] = value.length;
    this.#octets(value);
  }

  tlvs(tlvs: readonly Tlv[]): void {
    for (const { tag, value } of tlvs) {
      if ((tag & 0xffff) !== tag) throw new RangeError('the tag of a TLV does not fit two octets');
      if (value.length > 0xffff) {
        throw new RangeError(`a TLV has ${value.length} octets: at most 65535 fit`);
      }
      if (this.#at + 4 + value.length > mostPduOctets) {
        throw new RangeError(`a PDU has at most ${mostPduOctets} octets`);
      }
      const bytes = this.#bytes;
      bytes[this.#at++] = tag >> 8;
      bytes[this.#at++] = tag & 0xff;
      bytes[this.#at++] = value.length >> 8;
      bytes[this.#at++] = value.length & 0xff;
      this.#octets(value);
    }
  }

  #octets(value: Buffer): void {
    if (value.length === 0) return;
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }
}
