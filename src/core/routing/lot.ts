/**
 * A lot is drawn for a message without anything being kept: it follows from the message's id alone, so it is
 * the same on every node and at every try.
 */

/** 32 bits that a name or an id stands for, or the rest of it from a place on (FNV-1a). */
export function markOf(text: string, from = 0): number {
  let mark = 0x811c9dc5;
  for (let at = from; at < text.length; at++) {
    mark = Math.imul(mark ^ text.charCodeAt(at), 0x01000193);
  }
  return mark;
}

/**
 * The mark of a message. Ids are UUIDs of version 7: what tells those of one moment apart stands in the last
 * twelve characters.
 */
export function markOfId(id: string): number {
  return markOf(id, id.length - 12);
}

/** A number between 0 and 1, neither of them, for each message and each thing it is drawn for. */
export function lot(message: number, thing: number): number {
  // The finaliser of MurmurHash3: each bit of the outcome hangs on each bit of both.
  let mixed = message ^ thing;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (((mixed ^ (mixed >>> 16)) >>> 0) + 0.5) / 2 ** 32;
}
