import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import { driverOn } from '../../driver.ts';
import type { Tables } from '../../tables.ts';

/** Prepared statements kept for Kysely, by their text. Searches make a few dozen of them. */
const KEPT_STATEMENTS = 100;

/**
 * Kysely on one open connection of node:sqlite. It neither opens nor closes it, and begins no
 * transaction: the engine does, since the hot statements share the connection.
 *
 * @param check called before each statement; throws when it may not run.
 */
export function kyselyOn(db: DatabaseSync, check: () => void = () => {}): Kysely<Tables> {
  const connection = connectionOn(db, check);
  const dialect: Dialect = {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driverOn(connection),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
  return new Kysely<Tables>({ dialect });
}

function connectionOn(db: DatabaseSync, check: () => void): DatabaseConnection {
  // A Map keeps the order of insertion: the first key is the one that was longest unused.
  const kept = new Map<string, StatementSync>();

  const prepare = (sql: string): StatementSync => {
    const known = kept.get(sql);
    if (known) kept.delete(sql);
    const statement = known ?? db.prepare(sql);
    kept.set(sql, statement);
    if (kept.size > KEPT_STATEMENTS) kept.delete(kept.keys().next().value as string);
    return statement;
  };

  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      check();
      const statement = prepare(sql);
      const values = parameters as readonly SQLInputValue[];
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] };
      const { changes } = statement.run(...values);
      return { rows: [], numAffectedRows: BigInt(changes) };
    },
    streamQuery() {
      throw new Error('streaming is not supported');
    },
  };
}
