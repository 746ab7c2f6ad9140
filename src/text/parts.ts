/**
 * How a text falls into parts. A message of one part holds 140 octets: 160 septets or 70 UCS-2
 * units (3GPP TS 23.040 §9.2.3.24). In a longer one each part gives six octets to the concatenation
 * header (§9.2.3.24.1): 153 septets or 67 units are left.
 */

import { gsm7Length, septetsOf } from './gsm7.ts';

export type Encoding = 'gsm7' | 'ucs2';

interface Measure {
  /** gsm7 when every character is in that alphabet, else ucs2. */
  readonly encoding: Encoding;
  /** Septets for gsm7, UTF-16 code units for ucs2. */
  readonly units: number;
  readonly parts: number;
}

const WHOLE: Record<Encoding, number> = { gsm7: 160, ucs2: 70 };
const SEGMENT: Record<Encoding, number> = { gsm7: 153, ucs2: 67 };
const OCTETS = 140;

/**
 * Takes any text; gives the encoding it needs, its length in that encoding's units, and the number
 * of parts it is sent in (3GPP TS 23.040 §9.2.3.24). Neither an escape and its character nor a
 * surrogate pair is cut, so there can be more parts than the units alone ask for. The empty text is
 * one part.
 */
export function measureText(text: string): Measure {
  const septets = gsm7Length(text);
  if (septets < 0) {
    const units = text.length;
    return { encoding: 'ucs2', units, parts: units <= WHOLE.ucs2 ? 1 : countUcs2(text) };
  }
  if (septets <= WHOLE.gsm7) return { encoding: 'gsm7', units: septets, parts: 1 };
  // Without a character of two septets nothing can straddle a boundary.
  const parts = septets === text.length ? Math.ceil(septets / SEGMENT.gsm7) : countGsm7(text);
  return { encoding: 'gsm7', units: septets, parts };
}

/**
 * Takes a text and the encoding it is sent in; gives the text of each part, in order, so that they
 * join to the text again and their number is what `measureText` said for that encoding. ucs2 can be
 * asked of any text. Throws RangeError when gsm7 is asked of a text that it cannot write.
 * @param headerOctets of each part's concatenation header: six, or seven where its reference has 16 bits.
 */
export function splitText(text: string, encoding: Encoding, headerOctets = 6): string[] {
  let units = text.length;
  if (encoding === 'gsm7') {
    units = gsm7Length(text);
    if (units < 0) throw new RangeError('the text has characters that GSM-7 cannot write');
  }
  if (units <= WHOLE[encoding]) return [text];
  const endOfPart = encoding === 'gsm7' ? endOfGsm7Part : endOfUcs2Part;
  const room = segmentUnits(encoding, headerOctets);
  const parts: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = endOfPart(text, start, room);
    parts.push(text.slice(start, end));
    start = end;
  }
  return parts;
}

function countGsm7(text: string): number {
  let parts = 0;
  for (let start = 0; start < text.length; start = endOfGsm7Part(text, start)) parts++;
  return parts;
}

function countUcs2(text: string): number {
  let parts = 0;
  for (let start = 0; start < text.length; start = endOfUcs2Part(text, start)) parts++;
  return parts;
}

/** What a part holds beside its header: 153 septets or 67 units behind six octets. */
function segmentUnits(encoding: Encoding, headerOctets: number): number {
  const octets = OCTETS - headerOctets;
  return Math.floor(encoding === 'gsm7' ? (octets * 8) / 7 : octets / 2);
}

/** Where the part that begins at `start` ends: before the first character that it cannot take. */
function endOfGsm7Part(text: string, start: number, units = SEGMENT.gsm7): number {
  let room = units;
  let i = start;
  for (; i < text.length; i++) {
    room -= septetsOf(text.charCodeAt(i));
    if (room < 0) break;
  }
  return i;
}

function endOfUcs2Part(text: string, start: number, units = SEGMENT.ucs2): number {
  const end = start + units;
  if (end >= text.length) return text.length;
  const cutsPair = isHigh(text.charCodeAt(end - 1)) && isLow(text.charCodeAt(end));
  return cutsPair ? end - 1 : end;
}

function isHigh(codeUnit: number): boolean {
  return (codeUnit & 0xfc00) === 0xd800;
}

function isLow(codeUnit: number): boolean {
  return (codeUnit & 0xfc00) === 0xdc00;
}
