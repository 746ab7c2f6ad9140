import type { Ids } from '../ports/ids.ts';
import type { Tx } from '../ports/storage.ts';
import type { Actor, AuditDetails, AuditEntry } from './entry.ts';

/**
 * Writes down what was changed and by whom. The one place where that is done, and always in the transaction of the
 * change: either both are there or neither is.
 */
export function audit(
  tx: Pick<Tx, 'audit'>,
  { ids, now }: { ids: Ids; now: number },
  actor: Actor,
  change: Pick<AuditEntry, 'accountId' | 'action' | 'subject'> & { details?: AuditDetails },
): Promise<void> {
  const { accountId, action, subject, details = {} } = change;
  return tx.audit.insert({ id: ids.next(), at: now, accountId, actor, action, subject, details });
}
