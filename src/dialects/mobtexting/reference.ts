import type { Gateway } from '../../core/gateway.ts';
import type { Caller } from '../../core/accounts/authenticate.ts';
import type { MessageId } from '../../core/ids.ts';
import type { Message } from '../../core/messages/message.ts';
import { extrasOf } from './extras.ts';

/*
 * A message is known here by the id of its submission and its place in it, from 1: `b34e35ad-…:1`. That stands at the
 * head of its `clientRef`, so that a group is a range of the index, and the client's own id at its end:
 * `b34e35ad-…:1/order-7`.
 */

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const head = new RegExp(`^(${uuid}:[1-9]\\d{0,6})/`);
const groupForm = new RegExp(`^${uuid}$`);
const idForm = new RegExp(`^(${uuid})(?::([1-9]\\d{0,6}))?$`);

/**
 * A search takes `%` for any text, and a slash ends the head: neither stands for itself in what a client calls a message.
 * Whoever writes these characters himself, or the references of another API, is found and left out (`isCalled`).
 */
const percent = '\u001a';
const slash = '\u001b';
const kept = (custom: string): string => custom.replaceAll('%', percent).replaceAll('/', slash);

/** Gives the reference of each message of a submission (`SubmitRequest.refs`). */
export function referencesOf(
  messages: readonly { custom?: string | undefined }[],
): (group: string, position: number) => string {
  return (group, position) => `${group}:${position + 1}/${kept(messages[position]?.custom ?? '')}`;
}

/** What clients call a message. One that came in another way, or alone, has the id that it has everywhere. */
export function idOf({
  id,
  clientRef,
  extras,
}: {
  id: MessageId;
  clientRef: string | null;
  extras?: Message['extras'];
}): string {
  if (extrasOf({ extras }).alone) return id;
  return head.exec(clientRef ?? '')?.[1] ?? `${id}:1`;
}

/** What searches look for. */
export const patternOf = {
  /** With which the references of a group begin (`TallySearch.refBegins`); undefined for what no group is called. */
  group: (group: string): string | undefined => {
    const id = group.trim().toLowerCase();
    return groupForm.test(id) ? `${id}:` : undefined;
  },
  /** As `MessageSearch.clientRef`: it finds more than what `isCalled` so. */
  custom: (custom: string): string => `%/${kept(custom)}`,
};

/** Whether its client calls a message exactly so. */
export function isCalled(message: Message, custom: string): boolean {
  return extrasOf(message).custom === custom;
}

/** The caller's message that he calls so. */
export async function findMessage(
  gateway: Gateway,
  caller: Caller,
  written: string,
): Promise<Message | undefined> {
  const [, id, place] = idForm.exec(written.trim().toLowerCase()) ?? [];
  if (id === undefined) return undefined;
  if (place !== undefined) {
    const clientRef = `${id}:${place}/%`;
    const [found] = await gateway.searchMessages(caller, { clientRef, limit: 1, offset: 0 });
    if (found) return found;
    if (place !== '1') return undefined;
  }
  const [found] = await gateway.findMessages(caller, [id as MessageId]);
  return found;
}
