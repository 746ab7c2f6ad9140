import type { SelectQueryBuilder } from 'kysely';

import type { AccountId } from '../../core/ids.ts';
import type { Tables } from '../tables.ts';

/**
 * The rows of an account, newest first, by the index (account_id, created_at).
 *
 * Asked for with `account_id = ?` and in the order of ids, PostgreSQL walks the primary key backwards and
 * throws away what is other accounts', since it believes that a page is soon full; of an account that has
 * sent little it reads the whole table. This order nothing but that index has.
 */
export function newestOf<Table extends 'messages' | 'notifications', Row>(
  query: SelectQueryBuilder<Tables, Table, Row>,
  accountId: AccountId,
): SelectQueryBuilder<Tables, Table, Row> {
  const both = query as unknown as SelectQueryBuilder<Tables, 'messages', Row>;
  return both
    .where('account_id', '=', accountId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc') as unknown as SelectQueryBuilder<Tables, Table, Row>;
}
