import { type RawBuilder, type SqlBool, sql } from 'kysely';

import type { Holders } from '../../core/ports/storage.ts';

/** The condition that a column names one of these nodes. */
export function heldBy(holders: Holders, column: string): RawBuilder<SqlBool> {
  const node = sql.ref(column);
  if ('allBut' in holders) return sql<SqlBool>`${node} <> ${holders.allBut}`;
  // An empty list is no SQL.
  return holders.length === 0
    ? sql<SqlBool>`false`
    : sql<SqlBool>`${node} in (${sql.join([...holders])})`;
}
