import type { Alphabet } from '../text/alphabets.ts';
import { findTlv, tlvNumber } from './codec/tlv.ts';
import type { Tlv } from './codec/pdu.ts';

/** The place of a segment in its message. */
export interface Concatenation {
  /** Distinguishes messages of one sender to one handset; 8 or 16 bits. */
  reference: number;
  /** From 1. */
  number: number;
  total: number;
}

/** The user data of a short message, without its header. */
export interface UserData {
  concatenation: Concatenation | null;
  /** What says so: each counts for itself, so that references are alike only of one kind. */
  placedBy: 'udh8' | 'udh16' | 'sar' | null;
  /** Octets of the header with its length octet; packed septets need to know. */
  headerOctets: number;
  payload: Buffer;
}

/** Bit of esm_class: the user data begin with a header (SMPP 3.4, 5.2.12). */
export const UDHI = 0x40;

const CONCAT_8 = 0x00;
const CONCAT_16 = 0x08;

/**
 * Reads the user data of submit_sm, deliver_sm or data_sm: the text from `message_payload` where
 * `short_message` is empty, and the place of a segment from its header (3GPP TS 23.040 §9.2.3.24) or
 * from the sar_* parameters (SMPP 3.4, 5.3.2.22 to 24). A header that does not fit is read as text; a
 * place that cannot be (0 of 3, 4 of 3) is none.
 */
export function readUserData(pdu: {
  esmClass: number;
  shortMessage?: Buffer;
  tlvs: readonly Tlv[];
}): UserData {
  const { shortMessage, tlvs } = pdu;
  const octets =
    shortMessage && shortMessage.length > 0
      ? shortMessage
      : (findTlv(tlvs, 'message_payload') ?? Buffer.alloc(0));
  const headerOctets =
    (pdu.esmClass & UDHI) !== 0 && octets.length > 0 ? (octets[0] as number) + 1 : 0;
  if (headerOctets === 0 || headerOctets > octets.length) {
    return { ...(sarOf(tlvs) ?? nowhere), headerOctets: 0, payload: octets };
  }
  return {
    ...(concatenationOf(octets.subarray(1, headerOctets)) ?? sarOf(tlvs) ?? nowhere),
    headerOctets,
    payload: octets.subarray(headerOctets),
  };
}

/** The header of a segment, with its length octet: reference of 8 bits, or of 16. */
export function concatenationHeader(
  { reference, number, total }: Concatenation,
  bits: 8 | 16,
): Buffer {
  return bits === 8
    ? Buffer.from([5, CONCAT_8, 3, reference & 0xff, total, number])
    : Buffer.from([6, CONCAT_16, 4, (reference >> 8) & 0xff, reference & 0xff, total, number]);
}

type Place = Pick<UserData, 'concatenation' | 'placedBy'>;

const nowhere: Place = { concatenation: null, placedBy: null };

function concatenationOf(elements: Buffer): Place | null {
  for (let at = 0; at + 2 <= elements.length; at += 2 + (elements[at + 1] as number)) {
    const [element, length] = [elements[at] as number, elements[at + 1] as number];
    const value = elements.subarray(at + 2, at + 2 + length);
    if (value.length < length) return null;
    if (element === CONCAT_8 && length === 3) {
      return placed('udh8', value[0] as number, value[2] as number, value[1] as number);
    }
    if (element === CONCAT_16 && length === 4) {
      return placed('udh16', value.readUInt16BE(0), value[3] as number, value[2] as number);
    }
  }
  return null;
}

function sarOf(tlvs: readonly Tlv[]): Place | null {
  const reference = tlvNumber(tlvs, 'sar_msg_ref_num');
  const total = tlvNumber(tlvs, 'sar_total_segments');
  const number = tlvNumber(tlvs, 'sar_segment_seqnum');
  if (reference === undefined || total === undefined || number === undefined) return null;
  return placed('sar', reference, number, total);
}

/** A single segment of one is a whole message. */
function placed(
  placedBy: UserData['placedBy'],
  reference: number,
  number: number,
  total: number,
): Place | null {
  const can = total > 1 && number >= 1 && number <= total;
  return can ? { concatenation: { reference, number, total }, placedBy } : null;
}

/**
 * The alphabet of a data_coding (SMPP 3.4, 5.2.19; 3GPP TS 23.038 §4).
 * @param defaultAlphabet what 0 means between these two peers.
 * @returns undefined for octets that are no text.
 */
export function alphabetOf(dataCoding: number, defaultAlphabet: Alphabet): Alphabet | undefined {
  if (dataCoding >= 0xf0) return (dataCoding & 0x04) !== 0 ? undefined : defaultAlphabet;
  switch (dataCoding) {
    case 0x00:
      return defaultAlphabet;
    case 0x01:
      return 'ascii';
    case 0x03:
      return 'latin1';
    case 0x08:
      return 'ucs2';
    case 0x02:
    case 0x04:
      return undefined;
  }
  // General data coding, message waiting: their alphabet stands in bits 2 and 3.
  if (dataCoding >= 0xe0) return 'ucs2';
  if (dataCoding >= 0xc0) return defaultAlphabet;
  if (dataCoding < 0x10) return undefined;
  return ([defaultAlphabet, undefined, 'ucs2', undefined] as const)[(dataCoding >> 2) & 3];
}
