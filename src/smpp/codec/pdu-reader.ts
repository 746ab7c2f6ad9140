import { headerOctets } from './limits.ts';
import type { Tlv } from './pdu.ts';
import { statuses } from './statuses.ts';

/** Why a body cannot be read: what to answer, and the same for people. */
export interface Fault {
  status: number;
  reason: string;
}

/**
 * The octets that a C-octet string may have with its NUL, whichever it is. Carriers send message ids
 * and addresses that are longer than SMPP 3.4 allows (65 and 21), and one that is read is better than
 * one whose message is lost; what must be short is for those who use it.
 */
const mostTextOctets = 256;

const tlvHeaderOctets = 4;
const noOctets = Buffer.alloc(0);
const noTlvs: readonly Tlv[] = Object.freeze([]);

/**
 * Reads the body of one PDU, field by field. What cannot be read sets `fault`, the first one for
 * good, and from then on everything is empty or 0: so the one who reads looks at `fault` once, at the
 * end. Buffers that it gives are views of the frame.
 */
export class PduReader {
  readonly #frame: Buffer;
  #at = headerOctets;
  fault: Fault | undefined;

  constructor(frame: Buffer) {
    this.#frame = frame;
  }

  octet(field: string): number {
    const value = this.#frame[this.#at];
    if (value === undefined) return this.#tooShort(field);
    this.#at += 1;
    return value;
  }

  quad(field: string): number {
    if (this.#left < 4) return this.#tooShort(field);
    const value = this.#frame.readUInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  /** A C-octet string. */
  text(field: string): string {
    const end = this.#endOfText();
    if (end === -1) return this.#noEnd(field);
    return this.#textTo(end, end + 1);
  }

  /**
   * The C-octet string that ends the body of most answers, or is all of it. Some leave out its NUL,
   * and some all of it (16 octets of deliver_sm_resp; SMPP 3.4 wants it so in errors).
   */
  answerId(field: string): string {
    const end = this.#endOfText();
    if (end !== -1) return this.#textTo(end, end + 1);
    if (this.#left < mostTextOctets) return this.#textTo(this.#frame.length, this.#frame.length);
    return this.#noEnd(field);
  }

  /** `sm_length` and `short_message`. */
  shortMessage(): Buffer {
    const length = this.octet('sm_length');
    if (length === 0) return noOctets;
    if (length > this.#left) {
      this.fail(
        statuses.ESME_RINVMSGLEN,
        `sm_length is ${length} and ${this.#left} octets are left`,
      );
      return noOctets;
    }
    return this.#frame.subarray(this.#at, (this.#at += length));
  }

  /**
   * All that is left. Of one to three octets, too few for the header of another, nothing is said:
   * there are those who send a NUL after the short message, or fill up to four. A TLV that claims
   * more octets than are left is a fault, for then the earlier ones may be none either.
   */
  tlvs(): readonly Tlv[] {
    if (this.#left < tlvHeaderOctets) return noTlvs;
    const frame = this.#frame;
    const tlvs: Tlv[] = [];
    while (this.#left >= tlvHeaderOctets) {
      const tag = frame.readUInt16BE(this.#at);
      const length = frame.readUInt16BE(this.#at + 2);
      this.#at += tlvHeaderOctets;
      if (length > this.#left) {
        this.fail(
          statuses.ESME_RINVOPTPARSTREAM,
          `the TLV 0x${tag.toString(16).padStart(4, '0')} claims ${length} octets and ${this.#left} are left`,
        );
        return noTlvs;
      }
      const value = length === 0 ? noOctets : frame.subarray(this.#at, this.#at + length);
      this.#at += length;
      tlvs.push({ tag, value });
    }
    return tlvs;
  }

  fail(status: number, reason: string): void {
    this.fault ??= { status, reason };
    this.#at = this.#frame.length;
  }

  get #left(): number {
    return this.#frame.length - this.#at;
  }

  /** Where the NUL of the text is that begins here, or -1 when none is near. */
  #endOfText(): number {
    const frame = this.#frame;
    const end = Math.min(this.#at + mostTextOctets, frame.length);
    for (let at = this.#at; at < end; at++) {
      if (frame[at] === 0) return at;
    }
    return -1;
  }

  #textTo(end: number, next: number): string {
    const start = this.#at;
    this.#at = next;
    return start === end ? '' : this.#frame.toString('latin1', start, end);
  }

  #noEnd(field: string): string {
    if (this.#left < mostTextOctets) this.#tooShort(field);
    else this.fail(statuses.ESME_RINVPARLEN, `${field} has no NUL within ${mostTextOctets} octets`);
    return '';
  }

  #tooShort(field: string): number {
    this.fail(statuses.ESME_RINVCMDLEN, `the PDU ends within ${field}`);
    return 0;
  }
}
