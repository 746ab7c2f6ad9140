import type { Account } from '../accounts/account.ts';
import type { UnhappyEnd } from '../billing/move-money.ts';
import { factsOf } from '../events.ts';
import type { LinkId, MessageId } from '../ids.ts';
import type { Message, Part } from '../messages/message.ts';
import type { MessageStatus } from '../messages/status.ts';
import type { Tx } from '../ports/storage.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import { never, retryDelay } from './outcomes.ts';

/** The most rows one round of a sweep moves: a round is one short transaction. */
const roundLimit = 500;

/** One sweep over rows that need someone; gives how many it moved, `roundLimit` meaning there may be more. */
type Sweep = (context: DeliveryContext) => Promise<number>;

/** Scheduled messages whose time has come enter the queue, on the link that is the best for them by now. */
export const releaseScheduled: Sweep = async (context) => {
  const released = await sweep(
    context,
    'scheduled',
    (tx, now) => tx.messages.due('scheduled', now, roundLimit),
    (message, _now, _consequences, { account }) => {
      message.status = 'queued';
      const way = account && context.routing.now(message, account.name);
      if (way) Object.assign(message, way);
      return null;
    },
    async (_tx, kept, now, consequences) => {
      for (const message of kept) {
        consequences.happened({
          type: 'message.released',
          accountId: message.accountId,
          at: now,
          message: factsOf(message),
        });
      }
    },
  );
  wakeLinks(context, released);
  return released.length;
};

/**
 * Messages that were handed over by a node that has died (or whose link never answered): nobody
 * knows whether they left. They become `unknown` and are not sent again, unless the link's policy is
 * `resend`, which marks them as possibly doubled; or it knows what it had by its id: then they are handed over
 * again as if nothing had been.
 */
export const settleLost: Sweep = async (context) => {
  const settled = await sweep(
    context,
    'sending',
    (tx, now) => tx.messages.due('sending', now, roundLimit),
    (message, now, consequences) => {
      const policy = message.linkId === null ? undefined : context.routing.policy(message.linkId);
      const resend =
        message.attempts < context.settings.maxAttempts &&
        (policy?.devices || policy?.onLostAnswer === 'resend');
      message.error = 'answer_lost';
      message.errorDetail = 'It was handed to the network; the answer was lost.';
      if (resend) {
        message.status = 'queued';
        if (!policy?.devices) message.possiblyDoubled = 1;
        message.dueAt = policy?.devices ? now : now + retryDelay(message.attempts);
        consequences.remark(message, now, 'resend', message.errorDetail);
      } else {
        message.status = 'unknown';
        message.doneAt = now;
      }
      return null;
    },
    (tx, messages, now) => forgetSendingParts(tx, messages, now, context),
  );
  wakeLinks(
    context,
    settled.filter((message) => message.status === 'queued'),
  );
  return settled.length;
};

/** Messages whose receipt never came. */
export const settleSilent: Sweep = async (context) => {
  const settled = await sweep(
    context,
    'sent',
    async (tx, now) => unsaid(tx, await tx.messages.due('sent', now, roundLimit), context),
    (message, now) => {
      message.status = 'unknown';
      message.error = 'receipt_overdue';
      message.errorDetail = 'The network never said what became of it.';
      message.doneAt = now;
      return null;
    },
  );
  return settled.length;
};

/**
 * Those of which nothing was heard: of what went by a phone, the phone may have said that it was sent, a moment before
 * it was written down here that the phone had it. Then no receipt need follow.
 */
async function unsaid(tx: Tx, due: Message[], context: DeliveryContext): Promise<Message[]> {
  const { routing, storage } = context;
  const byPhone = due.filter(({ linkId }) => linkId !== null && routing.policy(linkId).devices);
  if (byPhone.length === 0) return due;
  const said = new Set<MessageId>();
  for (const [accountId, own] of Map.groupBy(byPhone, (message) => message.accountId)) {
    const ids = own.map(({ id }) => id);
    // Not locked: who reports locks the errand first, and the message then.
    for (const { messageId, state } of await storage.read.errands.find(accountId, ids)) {
      if (state === 'sent') said.add(messageId);
    }
  }
  const sent = byPhone.filter(({ id }) => said.has(id));
  for (const message of sent) message.dueAt = never;
  await tx.messages.save(sent, { from: 'sent' });
  return due.filter(({ id }) => !said.has(id));
}

/** Messages that waited in the queue until their validity passed. */
export const expireQueued: Sweep = async (context) => {
  const expired = await sweep(
    context,
    'queued',
    (tx, now) => tx.messages.expired(now, roundLimit),
    expire,
  );
  return expired.length;
};

/** The same for messages that this node has claimed and finds too old to hand over. */
export async function expireClaimed(
  context: DeliveryContext,
  claimed: readonly Message[],
): Promise<void> {
  await sweep(context, 'queued', (tx) => tx.messages.lock(claimed.map(({ id }) => id)), expire);
}

const expire: Move = (message, now, _consequences, { leftUs }) => {
  message.status = 'expired';
  message.error = 'validity_expired';
  message.doneAt = now;
  return leftUs ? 'undelivered' : 'unsent';
};

type Move = (
  message: Message,
  now: number,
  consequences: Consequences,
  known: {
    /** The message, or a part of it, may be with the network. */
    leftUs: boolean;
    /** Whose it is; undefined when he is gone. */
    account: Account | undefined;
  },
) => UnhappyEnd | null;

async function sweep(
  context: DeliveryContext,
  from: MessageStatus,
  select: (tx: Tx, now: number) => Promise<Message[]>,
  move: Move,
  alongside?: (
    tx: Tx,
    messages: readonly Message[],
    now: number,
    consequences: Consequences,
  ) => Promise<void>,
): Promise<Message[]> {
  const { storage, clock, directory } = context;
  const { moved, consequences } = await storage.write(async (tx) => {
    const now = clock.now();
    const rows = await select(tx, now);
    const views = await directory.views(rows.map((r) => r.accountId));
    const made = new Consequences(context, views);
    // Of the others none comes to an end that is refunded.
    const leftUs = from === 'queued' ? await mayBeWithTheNetwork(tx, rows) : noneLeftUs;
    const ends = new Map<string, UnhappyEnd | null>();
    for (const row of rows) {
      row.lockedBy = null;
      row.dueAt = now;
      const account = views.get(row.accountId)?.account;
      ends.set(row.id, move(row, now, made, { leftUs: leftUs.has(row.id), account }));
    }
    const written = await tx.messages.save(rows, { from });
    const kept = rows.filter((_, at) => written[at]);
    for (const row of kept)
      if (row.status !== 'queued') made.moved(row, now, ends.get(row.id) ?? null);
    await alongside?.(tx, kept, now, made);
    await made.write(tx);
    return { moved: kept, consequences: made };
  });
  consequences.committed();
  return moved;
}

const noneLeftUs: ReadonlySet<MessageId> = new Set();

/** Of these messages those of which at least a part was taken, or may have been. */
async function mayBeWithTheNetwork(
  tx: Tx,
  messages: readonly Message[],
): Promise<ReadonlySet<MessageId>> {
  const left = new Set(messages.filter((one) => one.possiblyDoubled === 1).map(({ id }) => id));
  // One that was never handed over has no parts to ask for.
  const tried = messages.filter((one) => one.attempts > 0 || one.error !== null);
  if (tried.length === 0) return left;
  for (const part of await tx.parts.ofMessages(tried.map(({ id }) => id))) {
    if (part.status !== 'sending' && part.status !== 'rejected') left.add(part.messageId);
  }
  return left;
}

/**
 * Of a lost hand-over, the parts whose answer was never written share their message's fate. Of one that is handed
 * over again by a link which knows it by its id they are unknown, too, so that it takes no other link. All have rows from
 * now on: an answer that comes late finds its part whatever has become of its message.
 */
async function forgetSendingParts(
  tx: Tx,
  messages: readonly Message[],
  now: number,
  { routing }: DeliveryContext,
): Promise<void> {
  const unknown = new Set(
    messages
      .filter(
        ({ status, linkId }) =>
          status === 'unknown' || (linkId !== null && routing.policy(linkId).devices === true),
      )
      .map(({ id }) => id),
  );
  const parts = await tx.parts.ofMessages(messages.map(({ id }) => id));
  const sending = parts.filter((part) => part.status === 'sending');
  await tx.parts.save(
    sending.map(
      (part): Part =>
        unknown.has(part.messageId) ? { ...part, status: 'unknown', doneAt: now } : part,
    ),
  );
}

function wakeLinks({ dispatcher }: DeliveryContext, messages: readonly Message[]): void {
  const links = new Set<LinkId>();
  for (const { linkId } of messages) if (linkId !== null) links.add(linkId);
  if (links.size > 0) dispatcher.wake(links);
}
