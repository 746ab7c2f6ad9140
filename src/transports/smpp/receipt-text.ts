/** What the text of a receipt says, as it says it. */
export interface ReceiptText {
  id: string;
  /** In upper case; null where it is missing. */
  stat: string | null;
  /** The carrier's own code: digits as a rule, but not with all. */
  err: string | null;
}

/**
 * Reads the text of a receipt (SMPP 3.4, appendix B):
 * `id:IIIIIIIIII sub:SSS dlvrd:DDD submit date:YYMMDDhhmm done date:YYMMDDhhmm stat:DDDDDDD err:E text:…`
 *
 * Carriers follow it loosely, so order, case and spaces do not matter and only the id must be there.
 * What comes after `text:` is the message's own and never read: it may hold an `id:` of its own.
 * @returns undefined when it is no receipt.
 */
export function readReceiptText(text: string): ReceiptText | undefined {
  const head = text.slice(0, longest).split(/\btext:/i, 1)[0] as string;
  const id = field(head, 'id');
  if (id === undefined || id === '') return undefined;
  return { id, stat: field(head, 'stat')?.toUpperCase() ?? null, err: field(head, 'err') ?? null };
}

/**
 * The text of a receipt. Its fields are ASCII whatever data_coding says: that is a text's, and carriers leave it as
 * the message had it, or as their texts have it (0 read as GSM 03.38 makes `m_1` into `m§1`). Only where no id can be
 * read so, as of one that is UCS-2 or packed, it is read as the text it says to be. A NUL ends a field, or fills up.
 * @param octets as they came.
 * @param asText the same in the alphabet of their data_coding.
 */
export function receiptTextOf(octets: Buffer, asText: string): string {
  const latin1 = octets.toString('latin1');
  const hasNul = octets.includes(0);
  const plain = hasNul ? latin1.replaceAll('\0', ' ') : latin1;
  const said = hasNul ? asText.replaceAll('\0', ' ') : asText;
  // Nearly always: then there is nothing to choose, and it is read once.
  if (said === plain) return plain;
  const id = readReceiptText(plain)?.id ?? '';
  return /^[!-~]+$/.test(id) ? plain : said;
}

/** A receipt's fields take some 120 characters; a stranger's text shall not keep the pattern busy. */
const longest = 1_000;

const patterns = {
  id: /(?:^|[\s,;])(?:message[ _]?)?id\s*[:=]\s*([^\s,;]*)/i,
  stat: /(?:^|[\s,;])stat(?:us)?\s*[:=]\s*([^\s,;]*)/i,
  err: /(?:^|[\s,;])err(?:or)?\s*[:=]\s*([^\s,;]*)/i,
} as const;

function field(head: string, name: keyof typeof patterns): string | undefined {
  return patterns[name].exec(head)?.[1];
}

/**
 * Whether an unmarked message of a carrier can only be a receipt: an id, and a state or the counts.
 * A handset could write that too; so it is asked only where the link's settings say that receipts come
 * unmarked.
 */
export function looksLikeReceipt(text: string): boolean {
  const read = readReceiptText(text);
  return read !== undefined && (read.stat !== null || /\b(sub|dlvrd)\s*:/i.test(text));
}
