import type { AccountId } from '../../core/ids.ts';
import type { Session } from '../engine.ts';

/** Tables whose rows are an account's, and few. */
type OfAccounts =
  | 'contact_groups'
  | 'contact_imports'
  | 'devices'
  | 'sender_requests'
  | 'senders'
  | 'template_blocks'
  | 'templates';

/** How many rows of a table are an account's. */
export async function countOf(
  { kysely }: Pick<Session, 'kysely'>,
  table: OfAccounts,
  accountId: AccountId,
): Promise<number> {
  const { count } = await kysely
    .selectFrom(table)
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', accountId)
    .executeTakeFirstOrThrow();
  return count;
}
