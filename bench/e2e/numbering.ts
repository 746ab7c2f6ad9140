/**
 * Each message that a gateway is given has a place of its own, which is in its destination and in the reference that
 * comes back with the webhook. All are equally long, so that requests differ in nothing else.
 */
export const mostMessages = 1_000_000;

const placeDigits = 6;
const referencePrefix = 'ref-';

/** Bytes of a destination as the network writes it: 6141, the place, 8. */
export const destinationBytes = 4 + placeDigits + 1;

/** The place in a destination whose bytes begin at `at`. */
export function placeInDestination(bytes: Uint8Array, at: number): number {
  let place = 0;
  for (let digit = at + 4; digit < at + 4 + placeDigits; digit++) {
    place = place * 10 + (bytes[digit] as number) - 48;
  }
  return place;
}

/** The place in the first reference that a text holds; negative when there is none. */
export function placeInText(text: string): number {
  const at = text.indexOf(referencePrefix);
  if (at < 0) return -1;
  const from = at + referencePrefix.length;
  return Number(text.slice(from, from + placeDigits));
}

/** What a request holds of its message; each stands for itself in the text of a request. */
export const blanks = {
  /** An Australian mobile number as its owner writes it. */
  national: '<national>',
  international: '<international>',
  reference: '<reference>',
} as const;

const fillings: Record<string, (digits: string) => string> = {
  [blanks.national]: (digits) => `041${digits}8`,
  [blanks.international]: (digits) => `6141${digits}8`,
  [blanks.reference]: (digits) => referencePrefix + digits,
};

/** Takes a text with blanks; gives what makes it the text of the message at a place. */
export function filler(text: string): (place: number) => string {
  const pieces = text.split(new RegExp(`(${Object.values(blanks).join('|')})`));
  const fixed = pieces.map((piece) => (piece in fillings ? '' : piece));
  const filled = pieces.map((piece) => fillings[piece]);
  return (place) => {
    const digits = String(mostMessages + place).slice(1);
    let whole = '';
    for (let at = 0; at < pieces.length; at++) {
      whole += fixed[at];
      const fill = filled[at];
      if (fill) whole += fill(digits);
    }
    return whole;
  };
}
