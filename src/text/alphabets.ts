import { decodeGsm7, encodeGsm7 } from './gsm7.ts';

/**
 * How texts are written on the wire. `gsm7` is one septet in each octet; `ucs2` is UTF-16 big-endian,
 * for networks carry what is outside the basic plane (emoji) as surrogate pairs.
 */
export type Alphabet = 'gsm7' | 'ascii' | 'latin1' | 'ucs2';

/** Takes a text that the alphabet has; what it has not becomes a question mark. */
export function encodeText(text: string, alphabet: Alphabet): Buffer {
  switch (alphabet) {
    case 'gsm7':
      return encodeGsm7(text);
    case 'ascii':
      return Buffer.from(text.replace(/[^\0-\x7f]/gu, '?'), 'latin1');
    case 'latin1':
      return Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1');
    case 'ucs2':
      return Buffer.from(text, 'utf16le').swap16();
  }
}

/** Never throws: an odd last octet of UCS-2 is left out. */
export function decodeText(octets: Buffer, alphabet: Alphabet): string {
  switch (alphabet) {
    case 'gsm7':
      return decodeGsm7(octets);
    case 'ascii':
    // More than ASCII is not ASCII, but Latin-1 is the likeliest.
    case 'latin1':
      return octets.toString('latin1');
    case 'ucs2':
      return Buffer.from(octets.subarray(0, octets.length & ~1))
        .swap16()
        .toString('utf16le');
  }
}

/** Whether every character of the text is in Latin-1 (ISO 8859-1). */
export function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}
