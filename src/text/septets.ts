/**
 * Septets packed into octets, the first in the low bits of the first octet (3GPP TS 23.038 §6.1.2.1).
 * Behind a user data header they begin at a septet boundary, which up to six fill bits reach
 * (3GPP TS 23.040 §9.2.3.24).
 */

/**
 * Takes septets, one in each octet, and the octets of the header before them; gives the packed octets
 * without that header.
 */
export function packSeptets(septets: Buffer, headerOctets = 0): Buffer {
  const fill = fillBits(headerOctets);
  const packed = Buffer.alloc(Math.ceil((septets.length * 7 + fill) / 8));
  for (let i = 0; i < septets.length; i++) {
    const bit = i * 7 + fill;
    const at = bit >> 3;
    const shifted = ((septets[i] as number) & 0x7f) << (bit & 7);
    packed[at] = (packed[at] as number) | (shifted & 0xff);
    if (shifted > 0xff) packed[at + 1] = shifted >> 8;
  }
  return packed;
}

/**
 * The reverse. Seven bits left over at the end are taken for a septet unless they are all zero, when
 * they are padding (§6.1.2.3.1 pads with a carriage return where that would be ambiguous).
 */
export function unpackSeptets(packed: Buffer, headerOctets = 0): Buffer {
  const fill = fillBits(headerOctets);
  const count = Math.floor((packed.length * 8 - fill) / 7);
  const septets = Buffer.alloc(Math.max(0, count));
  for (let i = 0; i < septets.length; i++) {
    const bit = i * 7 + fill;
    const at = bit >> 3;
    const pair = (packed[at] as number) | ((packed[at + 1] ?? 0) << 8);
    septets[i] = (pair >> (bit & 7)) & 0x7f;
  }
  const spare = (packed.length * 8 - fill) % 7 === 0;
  const ends = spare && septets.length > 0 && septets[septets.length - 1] === 0;
  return ends ? septets.subarray(0, -1) : septets;
}

function fillBits(headerOctets: number): number {
  return (7 - ((headerOctets * 8) % 7)) % 7;
}
