import { sql } from 'kysely';

import type { RetentionCuts } from '../../core/ports/storage.ts';
import type { WriteSession } from '../engine.ts';
import { firstIdAt } from '../partitions.ts';

/** Takes a session that writes; gives what deletes log-ins and tokens that have ended, old mails, old audit entries. */
export function userRetention({ kysely }: WriteSession) {
  return async (before: RetentionCuts, limit: number): Promise<number> => {
    const statements = [
      sql`delete from user_tokens where digest in (
        select digest from user_tokens where expires_at <= ${before.logins} limit ${limit})`,
      sql`delete from user_sessions where digest in (
        select digest from user_sessions where expires_at <= ${before.logins} limit ${limit})`,
      sql`delete from mails where id in (
        select id from mails where done_at < ${before.mails} limit ${limit})`,
      sql`delete from audit where id in (
        select id from audit where id < ${firstIdAt(before.audit)} order by id limit ${limit})`,
    ];
    let deleted = 0;
    for (const statement of statements) {
      deleted += Number((await statement.execute(kysely)).numAffectedRows ?? 0n);
    }
    return deleted;
  };
}
