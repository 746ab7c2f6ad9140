import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import type { LateAnswer } from '../ports/transport.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { applyParked, becomeSent, never } from './outcomes.ts';

/** From here an answer that comes late still makes a message `sent`. */
const openTo: ReadonlySet<MessageStatus> = new Set(['unknown', 'queued', 'sending']);

/**
 * Records answers that came after their part was given up as unknown, many in one transaction: the
 * network has those parts, and their receipts can be matched from now on. When it has all parts, the
 * message is `sent`; one that waits to be sent again by the `resend` policy is spared its second way.
 *
 * An answer to a hand-over that was not the last one changes nothing: its parts belong to another.
 *
 * @returns for each whether it is settled; false where the loss itself is not written down yet, so that it
 * must be told again.
 */
export async function recordLateAnswers(
  context: DeliveryContext,
  take: () => readonly LateAnswer[],
): Promise<readonly boolean[]> {
  const { settled, consequences, early } = await context.storage.write(async (tx) => {
    const answers = take();
    const ids = [...new Set(answers.map(({ messageId }) => messageId))];
    const rows = new Map((await tx.messages.lock(ids)).map((row) => [row.id, row]));
    const parts = await tx.parts.ofMessages([...rows.keys()]);
    const views = await context.directory.views([...rows.values()].map((row) => row.accountId));
    const made = new Consequences(context, views);

    const changed = new Set<Part>();
    const done = answers.map((answer) => {
      const row = rows.get(answer.messageId);
      if (!row || row.attempts !== answer.attempt) return true;
      const part = parts.find(
        ({ messageId, number }) => messageId === row.id && number === answer.number,
      );
      if (part?.status === 'sending' && row.lockedBy !== null) return false;
      if (part?.status !== 'unknown' && part?.status !== 'sending') return true;
      part.status = 'sent';
      part.linkId = answer.linkId;
      part.upstreamId = answer.upstreamId;
      part.error = null;
      part.doneAt = null;
      changed.add(part);
      return true;
    });
    await tx.parts.save([...changed]);

    const sent = new Map<MessageStatus, Message[]>();
    for (const row of new Set([...changed].map((part) => rows.get(part.messageId) as Message))) {
      const own = parts.filter((part) => part.messageId === row.id);
      const taken = own.every(({ status }) => status === 'sent' || status === 'delivered');
      if (!taken || !openTo.has(row.status)) continue;
      sent.set(row.status, [...(sent.get(row.status) ?? []), row]);
    }
    const now = context.clock.now();
    for (const [from, messages] of sent) {
      for (const message of messages) {
        becomeSent(message, now, context);
        const own = answers.filter(({ messageId }) => messageId === message.id);
        if (own.every(({ noReceipt }) => noReceipt)) message.dueAt = never;
        made.moved(message, now, null);
      }
      await tx.messages.save(messages, { from });
    }
    await made.write(tx);
    const keys = [...changed].map(({ linkId, upstreamId }) => ({
      linkId,
      upstreamId: upstreamId as string,
    }));
    const parked = keys.length > 0 ? await tx.parkedReceipts.take(keys) : [];
    return {
      settled: done,
      consequences: made,
      early: parked.length > 0 ? await applyParked(tx, parked, context) : null,
    };
  });
  consequences.committed();
  early?.committed();
  return settled;
}
