/** Destinations of which the last references are remembered. */
const mostDestinations = 10_000;
/** Long messages to one handset that may be on their way at once. */
const rememberedEach = 8;

/**
 * The reference that joins the parts of a long message at the handset. All parts need the same one,
 * also those that are sent again after a restart: so it comes from the message's id. Two messages to one
 * handset must differ, of which eight bits give no promise (one in 256): so one that a recent message
 * to the same handset has is passed over.
 */
export class References {
  readonly #mask: number;
  readonly #recent = new Map<string, { messageId: string; reference: number }[]>();

  constructor(bits: 8 | 16) {
    this.#mask = bits === 8 ? 0xff : 0xffff;
  }

  of(messageId: string, destination: string): number {
    const recent = this.#recent.get(destination) ?? [];
    const known = recent.find((one) => one.messageId === messageId);
    if (known) return known.reference;
    let reference = hash(messageId) & this.#mask;
    while (recent.some((one) => one.reference === reference))
      reference = (reference + 1) & this.#mask;
    recent.push({ messageId, reference });
    if (recent.length > rememberedEach) recent.shift();
    // Taken out first, so that the map's order is that of the last use.
    this.#recent.delete(destination);
    this.#recent.set(destination, recent);
    if (this.#recent.size > mostDestinations) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
    return reference;
  }
}

/** FNV-1a, its halves joined: every character of the id counts in the low bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return (value ^ (value >>> 16)) >>> 0;
}
