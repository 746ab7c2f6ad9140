import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Storage } from '../../../core/ports/storage.ts';
import { Fixtures } from '../../testkit/fixtures.ts';
import type { BackupProgress } from './backup.ts';
import { backupSqlite } from './backup.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

let folder: string;
let file: string;
let storage: Storage;
const rows = new Fixtures();
const data = () => join(folder, 'data');
const beside = () => readdirSync(folder).filter((name) => name !== 'data');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-backup-'));
  file = join(folder, 'copy.db');
  await migrateSqliteStorage(data());
  storage = await openSqliteStorage(data());
  // Large enough that the copy takes several steps.
  await storage.write((tx) => tx.replies.insert(replies(10_000)));
});
afterEach(async () => {
  await storage.close();
  await rm(folder, { recursive: true });
});

const replies = (count: number) =>
  Array.from({ length: count }, () => rows.reply({ text: 'A long reply. '.repeat(200) }));

const repliesIn = (database: string): unknown => {
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    expect(db.prepare('pragma quick_check').get()).toEqual({ quick_check: 'ok' });
    return db.prepare('select count(*) as n from replies').get()?.['n'];
  } finally {
    db.close();
  }
};

it('is one moment of a database that is written to meanwhile, in one file of its owner’s', async () => {
  const written: Promise<unknown>[] = [];
  const shown: BackupProgress[] = [];
  const done = await backupSqlite(data(), file, {
    onProgress: (progress) => {
      shown.push(progress);
      written.push(storage.write((tx) => tx.replies.insert(replies(1))));
    },
  });
  await Promise.all(written);
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.map(({ bytes }) => bytes)).toEqual(
    shown.map(({ bytes }) => bytes).toSorted((a, b) => a - b),
  );
  expect(done.bytes).toBe(shown.at(-1)?.ofBytes);
  expect(repliesIn(file)).toBe(10_000);
  expect(repliesIn(join(data(), 'parlance.db'))).toBe(10_000 + written.length);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(beside()).toEqual(['copy.db']);
});

it('leaves the folder as it was when nobody serves', async () => {
  await storage.close();
  const before = readdirSync(data());
  await backupSqlite(data(), file, {});
  expect(readdirSync(data())).toEqual(before);
  expect(repliesIn(file)).toBe(10_000);
});

it('leaves nothing behind when it is given up', async () => {
  const given = new AbortController();
  const onProgress = () => given.abort(new Error('enough'));
  await expect(backupSqlite(data(), file, { onProgress, signal: given.signal })).rejects.toThrow(
    'enough',
  );
  expect(beside()).toEqual([]);
});

describe('is refused', () => {
  it('where there is something already, whoever was quicker', async () => {
    await writeFile(file, 'mine');
    await expect(backupSqlite(data(), file, {})).rejects.toThrow(/exists already .* another file/);
    await rm(file);
    let late: Promise<void> | undefined;
    const onProgress = () => {
      late ??= writeFile(file, 'mine');
    };
    await expect(backupSqlite(data(), file, { onProgress })).rejects.toThrow(/exists already/);
    await late;
    expect(statSync(file).size).toBe(4);
    expect(beside()).toEqual(['copy.db']);
  });

  it('into a folder, or one that is not there', async () => {
    await mkdir(file);
    await expect(backupSqlite(data(), file, {})).rejects.toThrow(/is a folder: name a file in it/);
    const nowhere = join(folder, 'nowhere', 'copy.db');
    await expect(backupSqlite(data(), nowhere, {})).rejects.toThrow(/There is no folder/);
  });

  it('of a folder without a database, and makes none', async () => {
    await expect(backupSqlite(folder, file, {})).rejects.toThrow(/There is no database in/);
    expect(beside()).toEqual([]);
  });
});
