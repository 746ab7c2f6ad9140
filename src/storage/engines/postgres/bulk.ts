import type { BulkReads, BulkWrites } from '../../engine.ts';
import type { Row, SqlValue } from '../../row.ts';
import type { ColumnTypes } from './column-types.ts';
import { type Queryable, storable } from './dialect.ts';
import { insertSql, selectSql, takeSql, updateSql } from './bulk-sql.ts';

/** A statement as `pg` keeps it: parsed once by each connection that runs it. */
interface Statement {
  name: string;
  text: string;
}

/**
 * Statements by their spec. Specs are constants of the repositories, so there are as many as specs; the
 * schema behind them is the same for all databases that one process opens.
 */
const statements = new WeakMap<object, Statement>();
let made = 0;

/**
 * Set-based statements, each one round trip: the rows go as one array a column and become rows again
 * by `unnest`. Rows that must see each other's effect (one key twice) go in several rounds, and rows
 * are locked in the order of their keys, so that two nodes never wait for each other.
 */
export function bulkOn(queryable: Queryable, types: ColumnTypes): BulkReads & BulkWrites {
  const statementOf = async <Spec extends { table: string }>(
    spec: Spec,
    toSql: (spec: Spec, types: ReadonlyMap<string, string>) => string,
  ): Promise<Statement> => {
    const known = statements.get(spec);
    if (known) return known;
    const text = toSql(spec, await types(spec.table));
    const statement = { name: `bulk_${(made += 1)}`, text };
    statements.set(spec, statement);
    return statement;
  };

  const run = async (statement: Statement, rows: readonly Row[]): Promise<Row[]> => {
    const { name, text } = statement;
    const found = await queryable.query({ name, text, values: columnsOf(rows), rowMode: 'array' });
    return found.rows as Row[];
  };

  return {
    async select(select, keys) {
      if (keys.length === 0) return [];
      const order = select.lock === undefined ? undefined : inOrder(keys, select.key.length);
      const asked = order ? order.map((at) => keys[at] as Row) : keys;
      return byKey(await run(await statementOf(select, selectSql), asked), keys.length, order);
    },

    async insert(insert, rows) {
      if (rows.length === 0) return [];
      const statement = await statementOf(insert, insertSql);
      const key = insert.unlessExists ?? insert.orUpdate?.key;
      if (!key) {
        await run(statement, rows);
        return rows.map(() => true);
      }
      const at = key.map((column) => insert.columns.indexOf(column));
      const done = new Array<boolean>(rows.length).fill(false);
      for (const round of rounds(rows, at)) {
        const written = await run(
          statement,
          round.map((index) => rows[index] as Row),
        );
        const keys = new Set(written.map((row) => keyText(row)));
        for (const index of round) {
          const own = at.map((place) => (rows[index] as Row)[place] as SqlValue);
          // What is null clashes with nothing.
          done[index] = own.includes(null) || keys.has(keyText(own));
        }
      }
      return done;
    },

    async update(update, rows) {
      const done = new Array<boolean>(rows.length).fill(false);
      if (rows.length === 0) return done;
      const statement = await statementOf(update, updateSql);
      const at = update.key.map((_, place) => update.set.length + place);
      for (const round of rounds(rows, at)) {
        const changed = await run(
          statement,
          round.map((index) => rows[index] as Row),
        );
        for (const [place] of changed) done[round[Number(place) - 1] as number] = true;
      }
      return done;
    },

    async take(take, keys) {
      if (keys.length === 0) return [];
      const order = inOrder(keys, take.key.length);
      const rows = await run(
        await statementOf(take, takeSql),
        order.map((at) => keys[at] as Row),
      );
      return byKey(rows, keys.length, order);
    },
  };
}

/** One array for each column. */
function columnsOf(rows: readonly Row[]): SqlValue[][] {
  const width = rows[0]?.length ?? 0;
  const columns: SqlValue[][] = [];
  for (let column = 0; column < width; column++) {
    const values = new Array<SqlValue>(rows.length);
    for (let at = 0; at < rows.length; at++) {
      values[at] = storable((rows[at] as Row)[column] as SqlValue);
    }
    columns.push(values);
  }
  return columns;
}

/** Rows whose last value says for which key they are, counted from 1 in the order of `order`. */
function byKey(rows: readonly Row[], count: number, order: readonly number[] | undefined): Row[][] {
  const found: Row[][] = Array.from({ length: count }, () => []);
  for (const row of rows) {
    const asked = Number(row[row.length - 1]) - 1;
    (found[order ? (order[asked] as number) : asked] as Row[]).push(row);
  }
  return found;
}

/** The places of the keys, sorted by their first values. */
function inOrder(keys: readonly Row[], width: number): number[] {
  const texts = keys.map((key) => keyText(key.slice(0, width)));
  return sorted(
    keys.map((_, at) => at),
    texts,
  );
}

/**
 * The places of the rows, in rounds of which none has a key twice, each sorted by key. Nearly always
 * there is one round.
 */
function rounds(rows: readonly Row[], key: readonly number[]): number[][] {
  const texts = rows.map((row) => keyText(key.map((place) => row[place] as SqlValue)));
  const seen = new Map<string, number>();
  const all: number[][] = [];
  texts.forEach((text, at) => {
    const round = seen.get(text) ?? 0;
    seen.set(text, round + 1);
    (all[round] ??= []).push(at);
  });
  return all.map((round) => sorted(round, texts));
}

function sorted(places: number[], texts: readonly string[]): number[] {
  return places.toSorted((a, b) => {
    const [one, other] = [texts[a] as string, texts[b] as string];
    return one < other ? -1 : one > other ? 1 : a - b;
  });
}

/** As the server has them, so that they are known again; there no text holds U+0000. */
function keyText(values: readonly SqlValue[]): string {
  return values.length === 1 ? String(storable(values[0])) : values.map(storable).join('\0');
}
