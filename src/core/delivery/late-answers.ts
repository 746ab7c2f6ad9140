import type { UnhappyEnd } from '../billing/move-money.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import type { LateAnswer } from '../ports/transport.ts';
import { keyed } from './bearers.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { applyParked, becomeSent, finish, never, wasSentAgain } from './outcomes.ts';

/** From here an answer that comes late still moves a message. */
const openTo: ReadonlySet<MessageStatus> = new Set(['unknown', 'queued', 'sending']);

/**
 * Records answers that came after their part was given up as unknown, many in one transaction. Of a part that
 * the network took, receipts can be matched from now on. Once something is known of every part the message
 * moves:
 *
 * - the network has all parts: `sent`; one that waits to be sent again by the `resend` policy is spared its
 *   second way;
 * - it has not taken one: `rejected`, and refunded as unsent where it has none. Also where it said "not now":
 *   the client has been told of the end and may have sent it anew by himself, so it is not sent again. Only
 *   what waits to be sent again anyway, by the `resend` policy, goes on waiting then.
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
      if (part?.status !== 'unknown' && part?.status !== 'sending') return true;
      if (part.status === 'sending' && row.lockedBy !== null) return false;
      if (answer.outcome.kind === 'retryable' && row.status !== 'unknown') {
        // Nobody's and not settled yet: its sweep says first whether it is sent again.
        return row.status !== 'sending';
      }
      settle(part, answer);
      changed.add(part);
      return true;
    });
    await tx.parts.save([...changed]);

    const now = context.clock.now();
    const moved = new Map<MessageStatus, Message[]>();
    for (const row of new Set([...changed].map((part) => rows.get(part.messageId) as Message))) {
      const from = row.status;
      const own = parts.filter((part) => part.messageId === row.id);
      if (!openTo.has(from) || own.some((part) => isOpen(part, from))) continue;
      const refused = own.find(({ status }) => status === 'rejected');
      if (refused) {
        finish(row, 'rejected', 'refused_by_link', refused.error ?? '', now);
        row.lockedBy = null;
        made.moved(row, now, endOf(row, own));
      } else if (own.every(({ status }) => status === 'sent' || status === 'delivered')) {
        becomeSent(row, now, context);
        const told = answers.filter(({ messageId }) => messageId === row.id);
        if (told.every(hasNoReceipt)) row.dueAt = never;
        made.moved(row, now, null);
      } else continue;
      moved.set(from, [...(moved.get(from) ?? []), row]);
    }
    for (const [from, messages] of moved) await tx.messages.save(messages, { from });
    await made.write(tx);
    const keys = [...changed].flatMap(({ linkId, upstreamId }) =>
      upstreamId === null ? [] : [keyed(context.routing, { linkId, upstreamId })],
    );
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

function settle(part: Part, { linkId, outcome, at }: LateAnswer): void {
  part.linkId = linkId;
  if (outcome.kind === 'accepted') {
    part.status = 'sent';
    part.upstreamId = outcome.upstreamId;
    // Of two parts that bear an id the newer is meant, and it has it from now on.
    part.sentAt = at;
    part.error = null;
    part.doneAt = null;
    return;
  }
  part.status = 'rejected';
  part.error = outcome.detail;
  part.doneAt = at;
}

/** Of a message given up for lost, a part that is still `sending` is one that never left. */
function isOpen({ status }: Part, ofMessage: MessageStatus): boolean {
  return status === 'unknown' || (status === 'sending' && ofMessage !== 'unknown');
}

function hasNoReceipt({ outcome }: LateAnswer): boolean {
  return outcome.kind === 'accepted' && outcome.noReceipt === true;
}

function endOf(message: Message, parts: readonly Part[]): UnhappyEnd {
  const noneTaken = parts.every(({ status }) => status === 'rejected' || status === 'sending');
  return noneTaken && !wasSentAgain(message) ? 'unsent' : 'undelivered';
}
