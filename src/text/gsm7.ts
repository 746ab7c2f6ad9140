/**
 * The GSM 7 bit default alphabet of 3GPP TS 23.038 (formerly GSM 03.38): which characters it has
 * and how many septets each takes. Every accepted message passes here, so a character costs one
 * table look-up, and nothing here allocates but to cut out, to encode and to decode.
 */

// 3GPP TS 23.038 §6.2.1, in the order of the codes 0x00 to 0x7F without 0x1B (escape), which is no
// character. The capital Ç at 0x09 is right: its table shows the capital, though many copies on the
// web show the small one.
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ' +
  ' !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
  '¿abcdefghijklmnopqrstuvwxyzäöñüà';

// 3GPP TS 23.038 §6.2.1.1: reached by an escape, so two septets each.
const EXTENSION = '\f^{}\\[~]|€';

// Indexed by UTF-16 code unit: septets of the character, 0 for what the alphabet has not.
// Surrogates stay 0, so a test by code unit is right for whole code points too.
const SEPTETS = new Uint8Array(0x10000);
for (const character of BASIC) SEPTETS[character.charCodeAt(0)] = 1;
for (const character of EXTENSION) SEPTETS[character.charCodeAt(0)] = 2;

// Indexed by UTF-16 code unit: the code in its table, and the characters of both tables by their code.
const CODES = new Uint8Array(0x10000);
const BASIC_BY_CODE: string[] = [];
const EXTENSION_BY_CODE = new Map<number, string>();
const ESCAPE = 0x1b;
[...BASIC].forEach((character, index) => {
  const code = index < ESCAPE ? index : index + 1;
  CODES[character.charCodeAt(0)] = code;
  BASIC_BY_CODE[code] = character;
});
// 3GPP TS 23.038 §6.2.1.1, in the order of EXTENSION.
[0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65].forEach((code, index) => {
  const character = EXTENSION[index] as string;
  CODES[character.charCodeAt(0)] = code;
  EXTENSION_BY_CODE.set(code, character);
});

/**
 * Takes a text that the alphabet has (`isGsm7`); gives its septets, one in each octet, as SMPP carries
 * them. What the alphabet has not becomes a question mark.
 */
export function encodeGsm7(text: string): Buffer {
  const septets = Buffer.allocUnsafe(text.length * 2);
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const width = septetsOf(unit);
    if (width === 2) septets[at++] = ESCAPE;
    septets[at++] = width === 0 ? QUESTION_MARK : (CODES[unit] as number);
  }
  return septets.subarray(0, at);
}

const QUESTION_MARK = 0x3f;

/** Octets that Latin-1 reads alike: nearly all of what people write, and all of a receipt. */
const AS_LATIN1 = Uint8Array.from({ length: 0x100 }, (_, code) =>
  code > 0x7f || BASIC_BY_CODE[code]?.charCodeAt(0) === code ? 1 : 0,
);

/**
 * Takes septets, one in each octet; gives their text. An escape before a code that the extension table
 * has not shows the basic character (§6.2.1.1); one at the end is a space (§6.2.1). An octet above
 * 0x7f is no septet: it is read as Latin-1, since that is what who sends it had in mind.
 */
export function decodeGsm7(septets: Buffer): string {
  let alike = 0;
  while (alike < septets.length && AS_LATIN1[septets[alike] as number] === 1) alike++;
  let text = septets.toString('latin1', 0, alike);
  for (let i = alike; i < septets.length; i++) {
    const code = septets[i] as number;
    if (code > 0x7f) text += String.fromCharCode(code);
    else if (code !== ESCAPE) text += BASIC_BY_CODE[code];
    else {
      const next = septets[++i];
      text +=
        next === undefined ? ' ' : (EXTENSION_BY_CODE.get(next) ?? BASIC_BY_CODE[next] ?? ' ');
    }
  }
  return text;
}

/**
 * Takes a UTF-16 code unit; gives the septets it takes in the GSM 7 bit default alphabet
 * (3GPP TS 23.038 §6.2.1): 1, 2 for one of the extension table, 0 when it is in neither.
 */
export function septetsOf(codeUnit: number): number {
  return SEPTETS[codeUnit] ?? 0;
}

/**
 * Takes any text; tells whether all of it can be written in the GSM 7 bit default alphabet and its
 * extension table (3GPP TS 23.038 §6.2.1). The empty text can.
 */
export function isGsm7(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (SEPTETS[text.charCodeAt(i)] === 0) return false;
  }
  return true;
}

/**
 * Takes any text; gives its length in septets, two for each character of the extension table
 * (3GPP TS 23.038 §6.2.1.1), or -1 when a character is not in the alphabet.
 */
export function gsm7Length(text: string): number {
  let septets = 0;
  for (let i = 0; i < text.length; i++) {
    const width = septetsOf(text.charCodeAt(i));
    if (width === 0) return -1;
    septets += width;
  }
  return septets;
}

/**
 * Takes any text; gives the first code point that the GSM 7 bit default alphabet has not, whole (an
 * emoji is not cut in two; a lone surrogate is given as it is), or undefined when it has them all.
 */
export function firstNonGsm7(text: string): string | undefined {
  for (let i = 0; i < text.length; i++) {
    if (SEPTETS[text.charCodeAt(i)] === 0) {
      return String.fromCodePoint(text.codePointAt(i) ?? text.charCodeAt(i));
    }
  }
  return undefined;
}

/**
 * Takes any text; gives it without the code points that the GSM 7 bit default alphabet has not
 * (3GPP TS 23.038 §6.2.1), nothing put in their place. A text that has none of them is given back
 * as it is.
 */
export function stripToGsm7(text: string): string {
  let kept = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (SEPTETS[text.charCodeAt(i)] === 0) {
      kept += text.slice(start, i);
      start = i + 1;
    }
  }
  return start === 0 ? text : kept + text.slice(start);
}
