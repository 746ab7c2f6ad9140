import { sql } from 'kysely';

import type { DeviceId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Update, WriteSession } from '../engine.ts';
import { errandRow } from '../tables.ts';

const table = 'device_messages';
const columns = errandRow.columns;

const insert: Insert = { table, columns, unlessExists: ['message_id'] };
const find: Select = { table, columns, key: ['message_id', 'account_id'] };
const lock: Select = { table, columns, key: ['message_id'], lock: 'wait' };
const save: Update = {
  table,
  key: ['message_id'],
  set: [
    'device_id',
    'sim',
    'parts',
    'state',
    'attempt',
    'tried',
    'secret',
    'pulled_at',
    'processed_at',
    'sent_at',
    'done_at',
    'unconfirmed',
    'error',
  ],
};

/** By the state as it is written in the indexes, and the order that the phone asks for. */
const queue = (where: string, order: 'asc' | 'desc', how: Pick<Select, 'lock'>): Select => ({
  table,
  columns,
  key: ['device_id'],
  where,
  orderBy: `priority desc, message_id ${order}`,
  limited: true,
  ...how,
});
const isWaiting = "state = 'waiting'";
const isGiven = "state = 'given' or state = 'cancelling'";
const waiting = {
  fifo: queue(isWaiting, 'asc', { lock: 'wait' }),
  lifo: queue(isWaiting, 'desc', { lock: 'wait' }),
};
/** `isGiven` is there for the index. */
const withoutTakenBack = `(${isGiven}) and state = 'given'`;
const given = {
  all: { fifo: queue(isGiven, 'asc', {}), lifo: queue(isGiven, 'desc', {}) },
  some: { fifo: queue(withoutTakenBack, 'asc', {}), lifo: queue(withoutTakenBack, 'desc', {}) },
};
const counted = (where: string): Select => ({
  table,
  columns: ['message_id'],
  key: ['device_id'],
  where,
  limited: true,
});
const countedGiven = { all: counted(isGiven), some: counted(withoutTakenBack) };
const hasWaiting = counted(isWaiting);
const pulled: Select = {
  table,
  columns: ['pulled_at', 'parts'],
  key: ['device_id'],
  from: 'pulled_at',
  where: 'pulled_at is not null',
  orderBy: 'pulled_at desc',
  limited: true,
};

/**
 * Takes a session that reads; gives the errands' part of `Reads`.
 *
 * EXPLAIN QUERY PLAN (SQLite)
 *   waiting   SEARCH device_messages USING INDEX device_messages_waiting (device_id=?)
 *   given, countGiven  SEARCH device_messages USING INDEX device_messages_given (device_id=?)
 *   unanswered  SCAN device_messages USING INDEX device_messages_given: what is given, no more
 *   pulled    SEARCH device_messages USING INDEX device_messages_pace (device_id=? AND pulled_at>?)
 *   loads     SCAN device_messages USING COVERING INDEX device_messages_waiting, INDEX …_given
 */
export function errandReads({ kysely, bulk }: Session): Reads['errands'] {
  return {
    async find(accountId, ids) {
      const rows = await bulk.select(
        find,
        [...new Set(ids)].map((id) => [id, accountId]),
      );
      return rows.flat().map(errandRow.decode);
    },
    async given(deviceId, { order, limit, takesBack }) {
      const select = given[takesBack ? 'all' : 'some'][order];
      const [rows] = await bulk.select(select, [[deviceId, limit]]);
      return (rows ?? []).map(errandRow.decode);
    },
    async hasWaiting(deviceId) {
      const [rows] = await bulk.select(hasWaiting, [[deviceId, 1]]);
      return (rows ?? []).length > 0;
    },
    async loads(which) {
      const { rows } = await sql<{ device_id: DeviceId; count: number | string }>`
        select device_id, count(*) as count from device_messages
        where ${sql.raw(which === 'waiting' ? isWaiting : withoutTakenBack)} group by device_id`.execute(
        kysely,
      );
      return new Map(rows.map(({ device_id: id, count }) => [id, Number(count)]));
    },
  };
}

/** Takes a session that writes; gives the errands' part of `Tx`. */
export function errandWrites({ bulk, kysely }: WriteSession): Tx['errands'] {
  const overdue = async (
    condition: ReturnType<typeof sql>,
    orderBy: ReturnType<typeof sql>,
    limit: number,
  ) => {
    const { rows } = await sql<{ message_id: string }>`
      select message_id from device_messages where ${condition}
      order by ${orderBy} limit ${limit}`.execute(kysely);
    const locked = await bulk.select(
      lock,
      rows.map(({ message_id: id }) => [id]),
    );
    return locked.flat().map(errandRow.decode);
  };
  return {
    async insert(errands) {
      const inserted = await bulk.insert(insert, errands.map(errandRow.encode));
      return errands.filter((_, at) => inserted[at]);
    },
    async lock(ids) {
      const rows = await bulk.select(
        lock,
        [...new Set(ids)].map((id) => [id]),
      );
      return rows.flat().map(errandRow.decode);
    },
    async save(errands) {
      await bulk.update(
        save,
        errands.map((one) => [
          one.deviceId,
          one.sim,
          one.parts,
          one.state,
          one.attempt,
          JSON.stringify(one.tried),
          one.secret,
          one.pulledAt,
          one.processedAt,
          one.sentAt,
          one.doneAt,
          one.unconfirmed,
          one.error,
          one.messageId,
        ]),
      );
    },
    async lockWaiting(deviceId, order, limit) {
      const [rows] = await bulk.select(waiting[order], [[deviceId, limit]]);
      return (rows ?? []).map(errandRow.decode);
    },
    async countGiven(deviceId, { limit, takesBack }) {
      const select = countedGiven[takesBack ? 'all' : 'some'];
      const [rows] = await bulk.select(select, [[deviceId, limit]]);
      return (rows ?? []).length;
    },
    async pulled(deviceId, since, limit) {
      const [rows] = await bulk.select(pulled, [[deviceId, since, limit]]);
      return (rows ?? []).map(([at, parts]) => ({ at: Number(at), parts: Number(parts) }));
    },
    expired: (now, limit) =>
      overdue(sql`state = 'waiting' and expires_at <= ${now}`, sql`expires_at`, limit),
    unanswered: (now, limit) =>
      overdue(
        sql`(${sql.raw(isGiven)}) and state = 'cancelling' and expires_at <= ${now}`,
        sql`expires_at`,
        limit,
      ),
    unconfirmed: (before, limit) =>
      overdue(
        sql`state = 'taken' and processed_at is not null and processed_at < ${before}`,
        sql`processed_at`,
        limit,
      ),
  };
}
