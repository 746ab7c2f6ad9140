import type { Reply } from '../../core/delivery/reply.ts';
import type { Message } from '../../core/messages/message.ts';
import type { SubmitResult } from '../../core/messages/submit.ts';
import type { Millicredits } from '../../core/money.ts';
import { assertNever } from '../../core/errors.ts';
import { formatUtc } from '../../text/instant.ts';
import { wireErrors, wordsOf } from './errors.ts';
import type { WireMessage } from './schema.ts';
import type { Edition } from './settings.ts';

/** A price as this API shows it, in whole credits: a broken one is rounded up, for it was charged. */
function credits(price: Millicredits): number {
  return Math.ceil(price / 1000);
}

/** Numbers go without their plus sign (seed, webhooks), names as they are. */
export function bare(address: string): string {
  return /^\+\d+$/.test(address) ? address.slice(1) : address;
}

/** The body of a list (seed, look-up; reference: the same for the lists whose form is not known). */
export function presentList(results: readonly object[]): string {
  return JSON.stringify({ status: 'complete', results });
}

/**
 * The answer to a send (seed; the newer keys reference A.3): one result for each message, in order,
 * with `to`, `message`, `sender` and `custom_ref` as they were sent.
 */
export function presentSend(
  asked: readonly WireMessage[],
  { submissionId, verdicts }: SubmitResult,
  edition: Edition,
): string {
  const newer = edition === '2026';
  let total = 0;
  const results = verdicts.map((verdict, index) => {
    const { to, message, sender, custom_ref } = asked[index] as WireMessage;
    const ref = custom_ref ?? undefined;
    if (!verdict.ok) {
      const status = wireErrors[verdict.error.code].result;
      const error = wordsOf(verdict.error);
      const message_id = verdict.message?.id;
      return { to, message, sender, custom_ref: ref, status, error, cost: 0, message_id };
    }
    const cost = credits(verdict.message.price);
    total += cost;
    const message_id = verdict.message.id;
    const encoding = newer ? verdict.message.encoding : undefined;
    return { to, message, sender, custom_ref: ref, status: 'success', cost, message_id, encoding };
  });
  const send_id = newer ? submissionId : undefined;
  return JSON.stringify({ status: 'complete', total_cost: total, results, send_id });
}

/** One message as it is looked up (seed; the newer keys reference A.4). */
export function presentMessage(message: Message, edition: Edition): object {
  const blocked = isBlocked(message);
  const row = {
    to: message.destination,
    message: message.text,
    sender: message.sender,
    custom_ref: message.clientRef ?? undefined,
    status: blocked ? 'blocked' : 'success',
    // What was taken back is refunded.
    cost: message.status === 'cancelled' ? 0 : credits(message.price),
    message_id: message.id,
    requested_at: formatUtc(message.createdAt),
  };
  if (edition === '2024') return row;
  const status = statusOf(message);
  return {
    ...row,
    status,
    error:
      message.error !== null && (status === 'failed' || status === 'blocked')
        ? wireErrors[message.error].text
        : undefined,
    scheduled_for: message.scheduledAt === null ? undefined : formatUtc(message.scheduledAt),
    sent_at: message.sentAt === null ? undefined : formatUtc(message.sentAt),
    delivered_at:
      message.status === 'delivered' && message.doneAt !== null
        ? formatUtc(message.doneAt)
        : undefined,
    encoding: message.encoding,
  };
}

const isBlocked = (message: Message): boolean =>
  message.status === 'rejected' && message.error === 'recipient_opted_out';

/** Reference A.4, "current statuses". */
function statusOf(message: Message): string {
  switch (message.status) {
    case 'scheduled':
    case 'sent':
    case 'delivered':
    case 'cancelled':
      return message.status;
    case 'queued':
    case 'sending':
      return 'pending';
    case 'rejected':
      return isBlocked(message) ? 'blocked' : 'failed';
    case 'failed':
    case 'expired':
    // Its client is told of a failure, so a look-up says the same until better news comes.
    case 'unknown':
      return 'failed';
    default:
      return assertNever(message.status);
  }
}

/** What is told of a reply by webhook and by polling (seed, webhooks; reference A.6). */
export function presentReply(reply: Pick<Reply, 'from' | 'to' | 'text' | 'keyword'>, at: number) {
  return {
    to: bare(reply.to),
    message: reply.text,
    sender: bare(reply.from),
    received_at: formatUtc(at),
    type: reply.keyword === 'stop' ? 'unsubscribe' : 'inbound',
  };
}
