import type { Message } from '../core/messages/message.ts';
import type { Vault } from '../core/ports/vault.ts';
import type { Link, OutgoingPart, SendOutcome } from '../core/ports/transport.ts';
import type { WorkerLog } from './worker.ts';

export interface PartOutcome {
  /** From 1. */
  number: number;
  outcome: SendOutcome;
}

const unreadable: SendOutcome = {
  kind: 'refused',
  code: 'refused_by_link',
  detail: 'The secret end of its text cannot be read.',
};

/** The text as it goes out; null when its secret is damaged, or was sealed with another key. */
export function wholeText({ text, secret }: Message, vault: Pick<Vault, 'unseal'>): string | null {
  if (secret === null) return text;
  try {
    return text + vault.unseal(secret);
  } catch {
    return null;
  }
}

/**
 * Sends the parts of one message, all at once; the link keeps its window.
 * @param whole its text as it goes out; null where there is none any more.
 * @param taken numbers of parts that the network has already, which are left alone.
 * @returns an outcome for each part that was sent. Never rejects.
 */
export function sendParts(
  link: Link,
  { message, whole }: { message: Message; whole: string | null },
  taken: ReadonlySet<number>,
  log: WorkerLog,
): Promise<PartOutcome[]> {
  if (whole === null) return Promise.resolve([{ number: 1, outcome: unreadable }]);
  const sends: Promise<PartOutcome>[] = [];
  const { medium, encoding } = message;
  const texts = medium === 'sms' ? link.split(whole, encoding) : [whole];
  texts.forEach((text, index) => {
    if (!taken.has(index + 1))
      sends.push(
        sendPart(link, message, { number: index + 1, total: texts.length, text, whole }, log),
      );
  });
  return Promise.all(sends);
}

async function sendPart(
  link: Link,
  message: Message,
  {
    number,
    total,
    text,
    whole,
  }: Pick<OutgoingPart, 'number' | 'total' | 'text'> & { whole: string },
  log: WorkerLog,
): Promise<PartOutcome> {
  try {
    const outcome = await link.send({
      messageId: message.id,
      accountId: message.accountId,
      number,
      total,
      destination: message.destination,
      sender: message.sender,
      text,
      wholeText: whole,
      secret: message.secret,
      medium: message.medium,
      encoding: message.encoding,
      simulate: message.simulate,
      device: message.device,
      flash: message.flash === 1,
      priority: message.priority,
      expiresAt: message.expiresAt,
      possiblyDoubled: message.possiblyDoubled === 1,
      attempt: message.attempts,
    });
    return { number, outcome };
  } catch (error) {
    // A defect of the transport. Its bytes may have left.
    log.warn({ err: error, link: link.id }, 'a link threw instead of answering');
    return { number, outcome: { kind: 'unknown', detail: 'The link failed while sending.' } };
  }
}
