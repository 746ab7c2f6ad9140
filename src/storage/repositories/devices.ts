import type { DeviceId } from '../../core/ids.ts';
import type { Reads, Tx } from '../../core/ports/storage.ts';
import type { Insert, Select, Session, Take, Update, WriteSession } from '../engine.ts';
import { deviceRow, enrolmentCodeRow } from '../tables.ts';
import { countOf } from './count-of.ts';
import { boundedPage } from './page.ts';

const columns = deviceRow.columns;

const insert: Insert = { table: 'devices', columns };
const ofAccount: Select = {
  table: 'devices',
  columns,
  key: ['account_id'],
  orderBy: 'created_at, id',
};
const lock: Select = { table: 'devices', columns, key: ['id'], lock: 'wait' };
const ids: Select = { table: 'devices', columns: ['id'], key: ['id'] };
/** All but what is written by itself, and more often: when it was seen, and until when it rests. */
const save: Update = {
  table: 'devices',
  key: ['id'],
  set: [
    'name',
    'label',
    'number',
    'sims',
    'settings',
    'token',
    'push_token',
    'credential_id',
    'senders',
  ],
};
const seen: Update = {
  table: 'devices',
  key: ['id'],
  set: ['last_seen_at', 'version', 'battery', 'health'],
};
const rest: Update = { table: 'devices', key: ['id'], set: ['rest_until'] };
const remove: Take = { table: 'devices', columns: ['id'], key: ['id'] };

const insertCode: Insert = {
  table: 'enrolment_codes',
  columns: enrolmentCodeRow.columns,
  unlessExists: ['code'],
};
const takeCode: Take = {
  table: 'enrolment_codes',
  columns: enrolmentCodeRow.columns,
  key: ['code'],
};

/** Takes a session that reads; gives the devices' part of `Reads`. */
export function deviceReads({ kysely, bulk }: Session): Reads['devices'] {
  const by = async (column: 'id' | 'token' | 'hook', value: string) => {
    const record = await kysely
      .selectFrom('devices')
      .selectAll()
      .where(column, '=', value as DeviceId)
      .executeTakeFirst();
    return record && deviceRow.fromRecord(record);
  };
  return {
    async ofAccount(accountId) {
      const [rows] = await bulk.select(ofAccount, [[accountId]]);
      return (rows ?? []).map(deviceRow.decode);
    },
    find: (id) => by('id', id),
    findByToken: (digest) => by('token', digest),
    findByHook: (digest) => by('hook', digest),
    async present(wanted) {
      const rows = await bulk.select(
        ids,
        wanted.map((id) => [id]),
      );
      return new Set(wanted.filter((_, at) => rows[at]?.length));
    },
    async list(page) {
      const { limit, offset } = boundedPage(page);
      const records = await kysely
        .selectFrom('devices')
        .selectAll()
        .orderBy('id')
        .limit(limit)
        .offset(offset)
        .execute();
      return records.map(deviceRow.fromRecord);
    },
  };
}

/** Takes a session that writes; gives the devices' part of `Tx`. */
export function deviceWrites({ bulk, kysely }: WriteSession): Tx['devices'] {
  return {
    async insert(device) {
      await bulk.insert(insert, [deviceRow.encode(device)]);
    },
    async lock(wanted) {
      const rows = await bulk.select(
        lock,
        [...new Set(wanted)].map((id) => [id]),
      );
      return rows.flat().map(deviceRow.decode);
    },
    async save(device) {
      const record = deviceRow.toRecord(device) as Record<string, string | number | null>;
      await bulk.update(save, [[...save.set.map((column) => record[column] ?? null), device.id]]);
    },
    async seen(sightings) {
      await bulk.update(
        seen,
        sightings.map(({ id, lastSeenAt, version, battery, health }) => [
          lastSeenAt,
          version,
          battery,
          health,
          id,
        ]),
      );
    },
    async rest(rests) {
      await bulk.update(
        rest,
        rests.map(({ id, restUntil }) => [restUntil, id]),
      );
    },
    async remove(id) {
      const [rows] = await bulk.take(remove, [[id]]);
      return (rows ?? []).length > 0;
    },
    count: (accountId) => countOf({ kysely }, 'devices', accountId),
  };
}

/** Takes a session that writes; gives the one-time codes' part of `Tx`. */
export function enrolmentCodeWrites({ bulk }: WriteSession): Tx['enrolmentCodes'] {
  return {
    async insert(code) {
      const [inserted] = await bulk.insert(insertCode, [enrolmentCodeRow.encode(code)]);
      return inserted ?? false;
    },
    async take(digest) {
      const [rows] = await bulk.take(takeCode, [[digest]]);
      const row = rows?.[0];
      return row && enrolmentCodeRow.decode(row);
    },
  };
}
