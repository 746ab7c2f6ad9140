import { sql } from 'kysely';

import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Session, WriteSession } from '../engine.ts';

/** Takes a session that reads; gives the rates' part of `Reads`. */
export function rateReads({ kysely }: Session): Reads['rates'] {
  return {
    async taken(name, now) {
      const row = await kysely
        .selectFrom('rates')
        .select('taken')
        .where('name', '=', name)
        .where('until', '>', now)
        .executeTakeFirst();
      return row?.taken ?? 0;
    },
  };
}

/** Takes a session that writes; gives the rates' part of `Tx`. */
export function rateWrites({ kysely }: WriteSession): Tx['rates'] {
  return {
    async take(name, { most, windowMs }, now) {
      if (most < 1) return windowMs;
      // One statement, so that of two nodes the second waits for the first and counts on.
      const { rows } = await sql`
        insert into rates (name, taken, until) values (${name}, 1, ${now + windowMs})
        on conflict (name) do update set
          taken = case when rates.until <= ${now} then 1 else rates.taken + 1 end,
          until = case when rates.until <= ${now} then excluded.until else rates.until end
        where rates.until <= ${now} or rates.taken < ${most}
        returning taken`.execute(kysely);
      if (rows.length > 0) return 0;
      const row = await kysely
        .selectFrom('rates')
        .select('until')
        .where('name', '=', name)
        .executeTakeFirst();
      return Math.max(1, (row?.until ?? now) - now);
    },
    async giveBack(name, now) {
      await sql`update rates set taken = taken - 1
        where name = ${name} and taken > 0 and until > ${now}`.execute(kysely);
    },
  };
}
