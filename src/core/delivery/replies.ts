import type { AccountId } from '../ids.ts';
import type { Message } from '../messages/message.ts';
import { optoutKeyword } from '../optouts/keywords.ts';
import { addOptout, removeOptout } from '../optouts/manage.ts';
import type { Tx } from '../ports/storage.ts';
import type { ReplyNews } from '../ports/transport.ts';
import { senderKey } from '../senders/sender.ts';
import { originalFactsOf } from '../events.ts';
import { Consequences } from './consequences.ts';
import type { DeliveryContext } from './context.ts';
import type { Reply } from './reply.ts';

/** How many of the newest messages to a handset are looked at to find the one it answers. */
const looksBack = 20;

/**
 * Records replies, many in one transaction. A reply belongs to the account that holds the address as
 * its own; at a shared address to the account that wrote to that handset last. STOP and START change
 * the opt-outs of that account, and STOP takes back what was scheduled to the handset.
 *
 * The same reply delivered twice (same link, same upstream id) is recorded once and told once.
 *
 * @returns what was made of each, in order; of one delivered before, what would have been.
 */
export async function recordReplies(
  context: DeliveryContext,
  take: () => readonly ReplyNews[],
): Promise<Reply[]> {
  const applied = await context.storage.write((tx) => applyReplies(tx, take(), context));
  applied.committed();
  return applied.replies;
}

/** The same within a transaction; call `committed()` on what it gives after the commit. */
export async function applyReplies(
  tx: Tx,
  news: readonly ReplyNews[],
  context: DeliveryContext,
): Promise<{ replies: Reply[]; committed(): void }> {
  if (news.length === 0) return { replies: [], committed: () => {} };
  const resolved = await resolve(tx, news, context);
  // All at once: one after the other, in the order in which they wrote, two nodes would wait for each other.
  const stopped = resolved.flatMap(({ reply }) =>
    reply.keyword === 'stop' && reply.accountId ? [reply.accountId] : [],
  );
  if (stopped.length > 0) await tx.accounts.lockBalances([...new Set(stopped)]);
  const fresh = await tx.replies.insert(resolved.map((one) => one.reply));
  const isNew = new Set(fresh.map((reply) => reply.id));
  const views = await context.directory.views(
    fresh.flatMap((reply) => (reply.accountId ? [reply.accountId] : [])),
  );
  const made = new Consequences(context, views);
  for (const { reply, original } of resolved) {
    const view = reply.accountId && views.get(reply.accountId);
    if (!view || !isNew.has(reply.id)) continue;
    await applyKeyword(tx, reply, view.account.id, made, context);
    made.happened({
      type: 'reply.received',
      accountId: view.account.id,
      at: reply.receivedAt,
      reply: {
        id: reply.id,
        from: reply.from,
        to: reply.to,
        ...(reply.device !== null && { device: reply.device }),
        text: reply.text,
        ...(reply.alias !== null && { alias: reply.alias }),
        keyword: reply.keyword,
        original: original && originalFactsOf(original),
      },
    });
  }
  await made.write(tx);
  return {
    replies: resolved.map((one) => one.reply),
    committed() {
      made.committed();
      for (let i = 0; i < fresh.length; i++) context.meter.replied();
    },
  };
}

async function resolve(
  tx: Tx,
  news: readonly ReplyNews[],
  { clock, ids, settings }: DeliveryContext,
): Promise<{ reply: Reply; original: Message | null }[]> {
  const owners = await tx.senders.owners([...new Set(news.map((one) => senderKey(one.to)))]);
  const recent = await tx.messages.recentTo(
    news.map((one) => one.from),
    clock.now() - settings.replyWindowMs,
    looksBack,
  );
  const found = news.map((one, index): { reply: Reply; original: Message | null } => {
    const key = senderKey(one.to);
    const owner: AccountId | null = one.device?.accountId ?? owners.get(key) ?? null;
    const original =
      recent[index]?.find(
        (message) =>
          // What went by a phone may show any number of it, or none that anybody knows.
          (one.device ? message.linkId === one.linkId : senderKey(message.sender) === key) &&
          message.status !== 'rejected' &&
          (owner === null || message.accountId === owner),
      ) ?? null;
    return {
      reply: {
        id: ids.next(),
        accountId: owner ?? original?.accountId ?? null,
        linkId: one.linkId,
        upstreamId: one.upstreamId,
        from: one.from,
        to: one.to,
        text: one.text,
        keyword: optoutKeyword(one.text),
        messageId: original?.id ?? null,
        receivedAt: one.at,
        device: one.device?.id ?? null,
        readAt: null,
        alias: null,
        hiddenAt: null,
      },
      original,
    };
  });
  // Who has a name keeps it.
  const known = found.flatMap(({ reply }) => {
    const { accountId, from } = reply;
    return accountId === null ? [] : [{ reply, accountId, from }];
  });
  const aliases = await tx.replies.aliases(known);
  known.forEach(({ reply }, at) => {
    reply.alias = aliases[at] ?? null;
  });
  return found;
}

async function applyKeyword(
  tx: Tx,
  reply: Reply,
  accountId: AccountId,
  consequences: Consequences,
  context: DeliveryContext,
): Promise<void> {
  const { from: number, receivedAt: at } = reply;
  switch (reply.keyword) {
    case 'stop':
      await addOptout(
        tx,
        { accountId, number, source: 'reply', replyId: reply.id, createdAt: at },
        consequences,
        context.clock.now(),
      );
      return;
    case 'start':
      await removeOptout(tx, { accountId, number, at }, consequences);
      return;
    case null:
  }
}
