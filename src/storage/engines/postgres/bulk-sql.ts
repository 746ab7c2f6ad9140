import type { Insert, Select, Take, Update } from '../../engine.ts';

/*
 * The texts of the set-based statements. `given` are the rows of a call: one array a column, with the
 * place of each row counted from 1.
 *
 * Selects ask for each key by itself, in a lateral subquery with its own order, limit and lock: that is
 * a nested loop over an index, whatever the planner believes of the size of a table that was empty a
 * minute ago, and in a table that is cut by time only the partition of the key is opened.
 *
 * EXPLAIN (PostgreSQL 18, ten partitions)
 *   lock messages by id  Nested Loop
 *                          -> Function Scan on given
 *                          -> Subquery Scan on found -> LockRows -> Append
 *                               -> Index Scan using messages_p…_pkey (id = given.k1)
 *                               -> Index Scan using messages_p…_pkey (never executed), of each other week
 *   save messages        Update -> Nested Loop -> Function Scan on given
 *                          -> Append -> Index Scan using messages_p…_pkey (id=; the guards are a filter)
 *   parts by upstream    … -> Limit -> Merge Append
 *                          -> Index Scan Backward using parts_p…_link_id_upstream_id_sent_at_idx
 *   repeated, recentTo   … -> Limit -> Sort -> Append
 *                          -> Index Scan using messages_p…_created_day_destination_idx
 */

type Types = ReadonlyMap<string, string>;

export function selectSql(select: Select, types: Types): string {
  const { table, columns, key, from, until = [], where, orderBy, limited, lock } = select;
  const given: string[] = [];
  const value = (type: string): string => {
    given.push(type);
    return `given.k${given.length}`;
  };
  const typed = (column: string) => value(typeOf(types, column));
  const conditions = key.map((column) => `${quote(column)} = ${typed(column)}`);
  if (from) conditions.push(`${quote(from)} >= ${typed(from)}`);
  for (const column of until) conditions.push(`${quote(column)} <= ${typed(column)}`);
  if (where) conditions.push(`(${where})`);
  const limit = limited ? ` limit ${value('bigint')}` : '';
  const locking = lock ? ` for update${lock === 'skip' ? ' skip locked' : ''}` : '';
  return (
    `select found.*, given.place from ${unnest(given)} cross join lateral (` +
    `select ${list(columns)} from ${quote(table)}` +
    (conditions.length > 0 ? ` where ${conditions.join(' and ')}` : '') +
    (orderBy ? ` order by ${orderBy}` : '') +
    `${limit}${locking}) as found`
  );
}

export function insertSql(insert: Insert, types: Types): string {
  const { table, columns, unlessExists, orUpdate } = insert;
  const given = columns.map((column) => typeOf(types, column));
  const values = columns.map((_, at) => `given.k${at + 1}`).join(', ');
  const sql = `insert into ${quote(table)} (${list(columns)}) select ${values} from ${unnest(given)}`;
  if (unlessExists) {
    return `${sql} on conflict (${list(unlessExists)}) do nothing returning ${list(unlessExists)}`;
  }
  if (orUpdate) {
    const sets = orUpdate.set.map((column) => `${quote(column)} = excluded.${quote(column)}`);
    return (
      `${sql} on conflict (${list(orUpdate.key)}) do update set ${sets.join(', ')}` +
      ` where ${orUpdate.where} returning ${list(orUpdate.key, table)}`
    );
  }
  return sql;
}

export function updateSql(update: Update, types: Types): string {
  const { table, key, set, increment = [], guard = [], spend } = update;
  const columns = [...set, ...key, ...guard, ...(spend ? [spend] : [])];
  const given = columns.map((column) => typeOf(types, column));
  const sets = [
    ...set.map((column, at) => `${quote(column)} = given.k${at + 1}`),
    ...increment.map((column) => `${quote(column)} = ${quote(table)}.${quote(column)} + 1`),
  ];
  const conditions = [...key, ...guard].map(
    (column, at) => `${quote(table)}.${quote(column)} = given.k${set.length + at + 1}`,
  );
  if (spend) {
    const value = `given.k${columns.length}`;
    sets.push(`${quote(spend)} = ${quote(table)}.${quote(spend)} - ${value}`);
    conditions.push(`${quote(table)}.${quote(spend)} >= ${value}`);
  }
  return (
    `update ${quote(table)} set ${sets.join(', ')} from ${unnest(given)}` +
    ` where ${conditions.join(' and ')} returning given.place`
  );
}

export function takeSql({ table, columns, key }: Take, types: Types): string {
  const given = key.map((column) => typeOf(types, column));
  const conditions = key.map((column, at) => `${quote(table)}.${quote(column)} = given.k${at + 1}`);
  return (
    `delete from ${quote(table)} using ${unnest(given)} where ${conditions.join(' and ')}` +
    ` returning ${list(columns, table)}, given.place`
  );
}

function unnest(types: readonly string[]): string {
  const arrays = types.map((type, at) => `$${at + 1}::${type}[]`).join(', ');
  const names = types.map((_, at) => `k${at + 1}`).join(', ');
  return `unnest(${arrays}) with ordinality as given (${names}, place)`;
}

function typeOf(types: Types, column: string): string {
  const type = types.get(column);
  if (!type) throw new Error(`there is no column ${column}`);
  return type;
}

function quote(name: string): string {
  return `"${name}"`;
}

function list(names: readonly string[], table?: string): string {
  return names.map((name) => (table ? `${quote(table)}.${quote(name)}` : quote(name))).join(', ');
}
