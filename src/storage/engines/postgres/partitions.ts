import type { ClientBase } from 'pg';

import type { RetentionCuts } from '../../../core/ports/storage.ts';
import {
  firstIdAt,
  partitionedKinds,
  type PartitionedTable,
  partitionedTables,
  weekOf,
  WEEK_MS,
} from '../../partitions.ts';
import { holdNames } from './lock.ts';

/** Partitions that are made ahead: a node may be off for so long before rows land in the rest. */
const WEEKS_AHEAD = 4;
/**
 * A change of partitions waits for every transaction under way on its tables, and all that come wait for
 * it: so not for long, and less than the second after which the server looks for deadlocks. It has weeks.
 */
const LOCK_MS = 300;

/**
 * Within a transaction: makes the partitions of this week and the next ones, and drops those of which
 * nothing must be kept any more. Tables that belong together (a message, its parts) are cut at the same
 * instants and dropped together.
 *
 * A partition in which something has not ended, or not long ago, stays as it is: `retain` deletes what
 * is old in it row by row. Nodes do this one after the other. Where a statement on the table takes too
 * long to wait for, this fails with `lock_not_available` and is done the next time.
 */
export async function keepPartitions(
  client: ClientBase,
  now: number,
  before: RetentionCuts,
): Promise<void> {
  await holdNames(client, ['partitions'], 'alone');
  await client.query(`set local lock_timeout = ${LOCK_MS}`);
  const there = await partitionsOf(client);
  for (const kept of partitionedKinds) {
    const tables = partitionedTables.filter((one) => one.kept === kept);
    for (let ahead = 0; ahead <= WEEKS_AHEAD; ahead++) {
      await makeWeek(client, there, tables, weekOf(now) + ahead * WEEK_MS);
    }
    for (const from of weeksOf(there, kept)) {
      if (from + WEEK_MS <= weekOf(before[kept]))
        // What is archived has left its week, or must not go yet.
        await dropWeek(
          client,
          tables,
          from,
          before.archived && kept === 'messages' ? 0 : before[kept],
        );
    }
  }
}

async function makeWeek(
  client: ClientBase,
  there: ReadonlySet<string>,
  tables: readonly PartitionedTable[],
  from: number,
): Promise<void> {
  const missing = tables.filter(({ table }) => !there.has(partitionName(table, from)));
  const [start, end] = [firstIdAt(from), firstIdAt(from + WEEK_MS)];
  for (const { table, id } of missing) {
    // A node that was off for long, or a clock that jumped: rows of that week lie in the rest already,
    // and there they stay.
    const { rows } = await client.query(
      `select from "${table}_rest" where "${id}" >= $1 and "${id}" < $2 limit 1`,
      [start, end],
    );
    if (rows.length > 0) return;
  }
  if (missing.length > 0) await lockTables(client, tables);
  for (const { table } of missing) {
    await client.query(
      `create table if not exists "${partitionName(table, from)}" partition of "${table}"
       for values from ('${start}') to ('${end}')`,
    );
  }
}

/** In the order in which messages and their parts are written: a message first, then what belongs to it. */
async function lockTables(client: ClientBase, tables: readonly PartitionedTable[]): Promise<void> {
  const names = tables
    .toSorted((a, b) => Number(b.id === 'id') - Number(a.id === 'id'))
    .map(({ table }) => `"${table}"`);
  await client.query(`lock table only ${names.join(', only ')} in access exclusive mode`);
}

async function dropWeek(
  client: ClientBase,
  tables: readonly PartitionedTable[],
  from: number,
  before: number,
): Promise<void> {
  for (const { table, since } of tables) {
    if (since === undefined) continue;
    const { rows } = await client.query(
      `select from "${partitionName(table, from)}" where ${since} is null or ${since} >= $1 limit 1`,
      [before],
    );
    if (rows.length > 0) return;
  }
  await lockTables(client, tables);
  for (const { table } of tables) {
    await client.query(`drop table if exists "${partitionName(table, from)}"`);
  }
}

/** `messages_p1700697600000`: the instant with which it begins. */
function partitionName(table: string, from: number): string {
  return `${table}_p${from}`;
}

function weeksOf(names: ReadonlySet<string>, table: string): number[] {
  const start = `${table}_p`;
  return [...names].flatMap((name) =>
    name.startsWith(start) ? [Number(name.slice(start.length))] : [],
  );
}

async function partitionsOf(client: ClientBase): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `select child.relname as name from pg_inherits
     join pg_class as child on child.oid = inhrelid
     join pg_class as parent on parent.oid = inhparent
     where parent.relnamespace = current_schema()::regnamespace and parent.relname = any ($1)`,
    [partitionedTables.map(({ table }) => table)],
  );
  return new Set(rows.map(({ name }) => name));
}
