import type { InsertResult } from 'kysely';

import { GatewayError } from '../../core/errors.ts';

/**
 * For things that people name. Their insert leaves a clash alone, since on PostgreSQL an error would
 * spoil the transaction of all its neighbours.
 *
 * @throws GatewayError `already_exists` when nothing was inserted.
 */
export function requireNew(inserted: InsertResult, sentence: string): void {
  if (inserted.numInsertedOrUpdatedRows === 0n) throw new GatewayError('already_exists', sentence);
}
