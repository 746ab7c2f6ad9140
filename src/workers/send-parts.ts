import type { Message } from '../core/messages/message.ts';
import type { Link, OutgoingPart, SendOutcome } from '../core/ports/transport.ts';
import type { WorkerLog } from './worker.ts';

export interface PartOutcome {
  /** From 1. */
  number: number;
  outcome: SendOutcome;
}

/**
 * Sends the parts of one message, all at once; the link keeps its window.
 * @param taken numbers of parts that the network has already, which are left alone.
 * @returns an outcome for each part that was sent. Never rejects.
 */
export function sendParts(
  link: Link,
  message: Message,
  taken: ReadonlySet<number>,
  log: WorkerLog,
): Promise<PartOutcome[]> {
  const sends: Promise<PartOutcome>[] = [];
  const texts = link.split(message.text, message.encoding);
  texts.forEach((text, index) => {
    if (!taken.has(index + 1))
      sends.push(sendPart(link, message, { number: index + 1, total: texts.length, text }, log));
  });
  return Promise.all(sends);
}

async function sendPart(
  link: Link,
  message: Message,
  { number, total, text }: Pick<OutgoingPart, 'number' | 'total' | 'text'>,
  log: WorkerLog,
): Promise<PartOutcome> {
  try {
    const outcome = await link.send({
      messageId: message.id,
      number,
      total,
      destination: message.destination,
      sender: message.sender,
      text,
      wholeText: message.text,
      encoding: message.encoding,
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
