import type { Row, SqlValue } from './row.ts';

/** `possiblyDoubled` is the column `possibly_doubled`. */
type SnakeCase<S extends string> = S extends `${infer Head}${infer Tail}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${SnakeCase<Tail>}`
  : S;

/** The columns of an entity, as Kysely sees them. */
export type RowOf<T, Json extends keyof T = never> = {
  [K in keyof T & string as SnakeCase<K>]: K extends Json ? string | Extract<T[K], null> : T[K];
};

/** Turns entities into rows and back. */
export interface Codec<T, Json extends keyof T = never> {
  /** In the order of the positional rows. */
  readonly columns: readonly string[];
  readonly encode: (entity: T) => SqlValue[];
  /** Takes a positional row; more columns may follow. */
  readonly decode: (row: Row) => T;
  /** The row as Kysely takes it. */
  readonly toRecord: (entity: T) => RowOf<T, Json>;
  /** Takes a row as Kysely gives it. */
  readonly fromRecord: (record: object) => T;
}

/**
 * Takes the form of every field of an entity, so that a new field does not compile until storage
 * knows it, and gives its codec. JSON that is null is null in its column, too.
 *
 * The two directions are compiled from the names of the fields. For a message of 25 columns a loop
 * over the names takes 0.6 µs to encode and 1.0 µs to decode, of the 7 µs that the whole insert takes
 * without the index by destination; compiled they take less than 0.1 µs.
 */
export function codec<T extends object, Json extends keyof T & string = never>(
  forms: {
    [K in keyof T & string]: K extends Json ? 'json' : 'plain';
  },
): Codec<T, Json> {
  const fields = Object.keys(forms) as (keyof T & string)[];
  const columns = fields.map(snakeCase);
  const isJson = (field: keyof T & string) => forms[field] === 'json';

  const encode = compile<Codec<T>['encode']>(
    'entity',
    fields.map((field) =>
      isJson(field)
        ? `entity.${field} === null ? null : JSON.stringify(entity.${field})`
        : `entity.${field}`,
    ),
    ['[', ']'],
  );
  const decode = compile<Codec<T>['decode']>(
    'row',
    fields.map(
      (field, at) =>
        `${field}: ${isJson(field) ? `row[${at}] === null ? null : JSON.parse(row[${at}])` : `row[${at}]`}`,
    ),
    ['{', '}'],
  );

  return {
    columns,
    encode,
    decode,
    toRecord(entity) {
      const row = encode(entity);
      return Object.fromEntries(columns.map((column, at) => [column, row[at]])) as RowOf<T, Json>;
    },
    fromRecord: (record) =>
      decode(columns.map((column) => (record as Record<string, SqlValue>)[column] as SqlValue)),
  };
}

/** The text is made of field names that stand in `tables.ts`, of nothing that came from outside. */
function compile<F>(parameter: string, items: string[], [open, close]: [string, string]): F {
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  return new Function(parameter, `return ${open}${items.join(', ')}${close}`) as F;
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
