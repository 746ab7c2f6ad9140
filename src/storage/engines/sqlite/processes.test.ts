import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { MessageId } from '../../../core/ids.ts';
import { migrations } from '../../migrations/index.ts';
import { StorageRefused } from '../../refused.ts';
import { lockDataFolder } from '../../folder-lock.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';
import { type Child, runChild } from './testkit/run-child.ts';

/* What several processes do to one data folder, and what is left of one that is killed. */

let folder: string;
const children: Child[] = [];
const start = (...args: string[]): Child => {
  const child = runChild(...args);
  children.push(child);
  return child;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-processes-'));
});

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL');
  await Promise.all(children.splice(0).map((child) => child.ended));
  await rm(folder, { recursive: true });
});

/** How many of these are stored. */
async function storedOf(ids: readonly string[]): Promise<number> {
  const storage = await openSqliteStorage(folder);
  try {
    expect(await storage.read.problems()).toEqual([]);
    const found = await storage.write((tx) => tx.messages.lock(ids as MessageId[]));
    return found.length;
  } finally {
    await storage.close();
  }
}

it('what was acknowledged survives kill -9, round after round', async () => {
  await migrateSqliteStorage(folder);
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round++) {
    const child = start('write-forever', folder, String(round));
    await child.said(50 + round * 37);
    child.process.kill('SIGKILL');
    await child.ended;
    acknowledged.push(...child.lines);
    expect(await storedOf(acknowledged)).toBe(acknowledged.length);
  }
});

it('two processes write at once', async () => {
  await migrateSqliteStorage(folder);
  const writers = [start('write-500', folder, '1'), start('write-500', folder, '2')];
  expect(await Promise.all(writers.map((child) => child.ended))).toEqual([0, 0]);
  const ids = writers.flatMap((child) => child.lines);
  expect(new Set(ids).size).toBe(1000);
  expect(await storedOf(ids)).toBe(1000);
});

it('of two processes that migrate at once, one does and the other finds it done', async () => {
  const migrating = [start('migrate', folder), start('migrate', folder)];
  expect(await Promise.all(migrating.map((child) => child.ended))).toEqual([0, 0]);
  const done = migrating.map((child) => child.lines.join(''));
  expect(done.toSorted()).toEqual(
    ['[]', JSON.stringify(migrations.map(({ name }) => name))].toSorted(),
  );
});

describe('the lock of the data folder', () => {
  it('is for one process, and ends with it, however that ends', async () => {
    const child = start('lock', folder);
    await child.said(1);
    await expect(lockDataFolder(folder)).rejects.toThrow(StorageRefused);
    await expect(lockDataFolder(folder)).rejects.toThrow(/Another parlance is serving/);
    child.process.kill('SIGKILL');
    await child.ended;
    const lock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toThrow(StorageRefused);
    lock.release();
    (await lockDataFolder(folder)).release();
  });

  it('does not keep commands from reading and writing', async () => {
    await migrateSqliteStorage(folder);
    const child = start('lock', folder);
    await child.said(1);
    expect(await storedOf([])).toBe(0);
  });
});
