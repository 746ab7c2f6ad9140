import type { AccountId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import type { Tx } from '../ports/storage.ts';
import type { ShortCode } from './code.ts';
import type { ShortLink } from './short-link.ts';

/** A message that is about to be accepted, and the links in its text. */
export interface LinkedMessage {
  message: Message;
  links: readonly ShortLink[];
}

const noneTaken: ReadonlySet<ShortCode> = new Set();

/** Codes of these that other links have. */
export async function takenCodes(
  tx: Tx,
  linked: readonly LinkedMessage[],
): Promise<ReadonlySet<ShortCode>> {
  return linked.length === 0 ? noneTaken : tx.shortLinks.taken(linked.flatMap(codesOf));
}

export function codesOf({ links }: LinkedMessage): ShortCode[] {
  return links.map(({ code }) => code);
}

/** Of one destination so many links are looked at for the messages that they are of. */
const linksLookedAt = 100;

/** As `Tx.messages.repeated`, for messages whose texts are never the same again: each has codes of its own. */
export async function repeatedLinked(
  tx: Tx,
  accountId: AccountId,
  linked: readonly LinkedMessage[],
  since: number,
): Promise<ReadonlySet<Message>> {
  if (linked.length === 0) return new Set();
  const destinations = linked.map(({ message }) => message.destination);
  const recent = await tx.shortLinks.recentTo(accountId, destinations, since, linksLookedAt);
  const repeated = linked.filter(({ message, links }, at) => {
    const text = withoutCodes(message.text, links);
    return recent[at]?.some(
      (before) =>
        before.sender === message.sender && withoutCodes(before.text, before.links) === text,
    );
  });
  return new Set(repeated.map(({ message }) => message));
}

/** The texts of these, of two that differ in their codes only the same. */
export function comparableTexts(linked: readonly LinkedMessage[]): ReadonlyMap<Message, string> {
  return new Map(linked.map(({ message, links }) => [message, withoutCodes(message.text, links)]));
}

/** The text with each code replaced by where it leads. */
export function withoutCodes(
  text: string,
  links: readonly Pick<ShortLink, 'code' | 'url'>[],
): string {
  let without = text;
  for (const { code, url } of links) without = without.replaceAll(code, () => url);
  return without;
}
