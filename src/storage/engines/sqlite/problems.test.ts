import { mkdtempSync, openSync, closeSync, rmSync, statSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { Fixtures } from '../../testkit/fixtures.ts';
import { databaseFile } from './engine.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

const pageBytes = 4096;
let folder: string;
/** Those of the schema: with one of them damaged the file cannot even be opened. */
let schemaPages: number;
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'parlance-problems-'));
  await migrateSqliteStorage(folder);
  schemaPages = statSync(databaseFile(folder)).size / pageBytes;
  const storage = await openSqliteStorage(folder);
  const rows = new Fixtures();
  await storage.write((tx) => tx.messages.insert(rows.messages(3_000)));
  await storage.close();
});
afterEach(() => rmSync(folder, { recursive: true }));

const problems = async (): Promise<string[]> => {
  const storage = await openSqliteStorage(folder);
  try {
    return await storage.read.problems();
  } finally {
    await storage.close();
  }
};

it('a damaged file is said to be damaged, in one sentence with what to do', async () => {
  expect(await problems()).toEqual([]);
  const file = databaseFile(folder);
  const pages = statSync(file).size / pageBytes;
  const handle = openSync(file, 'r+');
  for (let page = schemaPages; page < pages; page++) {
    writeSync(handle, Buffer.alloc(pageBytes, 0xa5), 0, pageBytes, page * pageBytes);
  }
  closeSync(handle);
  const found = await problems();
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(
    /^The database is damaged \((?!Error).+\): stop serving and restore a backup\.$/s,
  );
});
