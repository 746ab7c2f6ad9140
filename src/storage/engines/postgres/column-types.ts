import type { Queryable } from './dialect.ts';

/** The type of each column, by table: what an array of its values is cast to. */
export type ColumnTypes = (table: string) => Promise<ReadonlyMap<string, string>>;

/**
 * Asks the server once for the columns of all tables. A statement with `unnest` must name the types of
 * its arrays, and a list kept by hand would be a second schema.
 */
export function columnTypesOf(queryable: Queryable): ColumnTypes {
  let asked: Promise<Map<string, Map<string, string>>> | undefined;

  const ask = async (): Promise<Map<string, Map<string, string>>> => {
    const { rows } = await queryable.query<{ table: string; column: string; type: string }>(
      `select relname as "table", attname as "column", format_type(atttypid, null) as "type"
       from pg_attribute join pg_class on pg_class.oid = attrelid
       where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
         and not relispartition and attnum > 0 and not attisdropped`,
    );
    const tables = new Map<string, Map<string, string>>();
    for (const { table, column, type } of rows) {
      const columns = tables.get(table) ?? new Map<string, string>();
      tables.set(table, columns.set(column, type));
    }
    return tables;
  };

  return async (table) => {
    asked ??= ask();
    let tables: Map<string, Map<string, string>>;
    try {
      tables = await asked;
    } catch (error) {
      asked = undefined;
      throw error;
    }
    const columns = tables.get(table);
    // Asked before the migrations: the next one asks again.
    if (!columns) {
      asked = undefined;
      throw new Error(`there is no table ${table}`);
    }
    return columns;
  };
}
