import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Takes a data folder; gives its name among all nodes' data folders, which is made when it has none. By
 * it a node knows its own earlier run.
 */
export async function homeOf(folder: string): Promise<string> {
  const file = join(folder, 'node.id');
  const known = await nameIn(file);
  if (known !== undefined) return known;
  // Written whole or not at all: a crash in between must not leave an empty name, which others may have too.
  const written = `${file}.${randomUUID()}`;
  await writeFile(written, `${randomUUID()}\n`, { mode: 0o600, flush: true });
  try {
    await link(written, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(written);
  }
  return homeOf(folder);
}

async function nameIn(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
