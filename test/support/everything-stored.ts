import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestDatabase } from './storage.ts';

/** All that a database holds, as one text: what must not be stored can be looked for in it. */
export async function everythingStored({ place, query }: TestDatabase): Promise<string> {
  // Of a file all bytes, also those of rows that are gone.
  if (place.storage === '') return bytesOf(place.data);
  const tables = await query<{ name: string }>(
    "select relname as name from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace",
  );
  const rows: unknown[] = [];
  for (const { name } of tables) rows.push(await query(`select * from "${name}"`));
  return JSON.stringify(rows);
}

async function bytesOf(folder: string): Promise<string> {
  const files = await readdir(folder);
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return texts.join('\n');
}
