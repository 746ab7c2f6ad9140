import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type { ClientBase, Pool } from 'pg';

import { driverOn } from '../../driver.ts';
import type { Tables } from '../../tables.ts';

/**
 * The value as this engine can hold it: a text has no U+0000, so U+FFFD stands in its place, in what is
 * written and in what is looked for alike. Texts of clients are refused before; those of carriers, of
 * handsets and of webhook receivers are as they are.
 */
export function storable<T>(value: T): T | string {
  return typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\uFFFD')
    : value;
}

/** A client within a transaction, or a pool, which takes any of its clients for each query. */
export type Queryable = Pick<ClientBase | Pool, 'query'>;

/**
 * Kysely on a client or a pool. It neither opens nor closes anything, and begins no transaction: the
 * engine does, since the hot statements share the client.
 */
export function kyselyOn(queryable: Queryable): Kysely<Tables> {
  const connection: DatabaseConnection = {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const values = parameters.map(storable);
      const { rows, rowCount, command } = await queryable.query(sql, values);
      const affects = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return {
        rows: rows as R[],
        ...(affects ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}),
      };
    },
    streamQuery() {
      throw new Error('streaming is not supported');
    },
  };
  const dialect: Dialect = {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driverOn(connection),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}
