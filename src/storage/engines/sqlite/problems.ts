import { type Kysely, sql } from 'kysely';

import type { Tables } from '../../tables.ts';
import { failureOf } from './failures.ts';

/** What is told of one damaged file; more would not help anybody. */
const MOST_TOLD = 10;

/** Takes a connection; gives a sentence on what is wrong with the file, none when it is sound. */
export async function problemsOf(kysely: Kysely<Tables>): Promise<string[]> {
  const found = await check(kysely);
  if (found.length === 0) return [];
  return [`The database is damaged (${found.join('; ')}): stop serving and restore a backup.`];
}

async function check(kysely: Kysely<Tables>): Promise<string[]> {
  try {
    const { rows } = await sql<{ quick_check: string }>`
      pragma quick_check(${sql.lit(MOST_TOLD)})`.execute(kysely);
    return rows.map((row) => row.quick_check).filter((line) => line !== 'ok');
  } catch (error) {
    // So badly that it cannot even be checked.
    if (failureOf(error) !== 'corrupt') throw error;
    return [error instanceof Error ? error.message : String(error)];
  }
}
