import { type RawBuilder, sql } from 'kysely';

/**
 * Whether a text stands in a column, letters of ASCII in either case. Both engines know `replace`, and with columns
 * that are compared byte by byte `lower` is that of ASCII on both.
 */
export function holds(column: string, text: string): RawBuilder<boolean> {
  const wanted = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const lower = sql`lower(${sql.ref(column)})`;
  return sql<boolean>`replace(${lower}, ${wanted}, '') <> ${lower}`;
}
