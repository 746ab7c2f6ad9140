import type { AccountView } from '../accounts/account.ts';
import type { Message } from '../messages/message.ts';
import type { Tx } from '../ports/storage.ts';
import { isInScope } from './scope.ts';

/**
 * Within a transaction: all messages of these submissions whose recipient must be left alone. That an account has
 * opt-outs by scope at all is known beforehand (`AccountView.hasScopedOptouts`), so that all others pay for one
 * lookup. Other nodes learn of an account's very first one within a second.
 */
export async function blockedOnes(
  tx: Pick<Tx, 'optouts' | 'scopedOptouts'>,
  submissions: readonly { view: AccountView; messages: readonly Message[] }[],
): Promise<ReadonlySet<Message>> {
  const all = submissions.flatMap(({ messages }) => messages);
  const scoped = submissions
    .filter(({ view }) => view.hasScopedOptouts)
    .flatMap(({ messages }) => messages);
  const [matching, scopes] = await Promise.all([
    tx.optouts.matching(all.map(recipientOf)),
    scoped.length > 0 ? tx.scopedOptouts.of(scoped.map(recipientOf)) : [],
  ]);
  const blocked = new Set(all.filter((_, at) => matching[at]));
  scoped.forEach((message, at) => {
    if (scopes[at]?.some((scope) => isInScope(message, scope))) blocked.add(message);
  });
  return blocked;
}

function recipientOf({ accountId, destination }: Message) {
  return { accountId, number: destination };
}
