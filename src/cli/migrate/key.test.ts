import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase, engine } from '../../../test/support/storage.ts';
import type { NodeId } from '../../core/ids.ts';
import { lockDataFolder } from '../../storage/folder-lock.ts';
import { admit } from '../../storage/move/admit.ts';
import { firstVault, presentVault } from './key.ts';
import { acceptOwnKey, bringUpToDate } from './move.ts';

let database: TestDatabase;
/** The data folder of another node of the same installation. */
let other: string;
beforeEach(async () => {
  database = await createTestDatabase();
  other = await mkdtemp(path.join(os.tmpdir(), 'parlance-key-'));
});
afterEach(async () => {
  await database.drop();
  await rm(other, { recursive: true, force: true });
});

const clock = { now: () => 1_000_000 };
const where = (data: string) => ({ ...database.place, data, security: { key: '' } });
const here = () => where(database.place.data);
const keyFile = (data: string) => path.join(data, 'secret.key');

/** What a command does in this data folder. */
async function work(data: string): Promise<void> {
  const storage = await database.open();
  await admit(storage, await presentVault(where(data), storage));
  await storage.close();
}

it('is not made by commands that only work on what is there', async () => {
  await expect(work(database.place.data)).rejects.toThrow(
    /^There is no key in \S+ yet: run `parlance migrate` \(or `parlance serve`\), which makes it\.$/,
  );
  expect(existsSync(keyFile(database.place.data))).toBe(false);
});

it('is made by `migrate`, once, and none beside that of the installation', async () => {
  await bringUpToDate(here());
  expect(existsSync(keyFile(database.place.data))).toBe(true);
  await work(database.place.data);
  if (engine === 'postgres') expect(await bringUpToDate(where(other))).toEqual([]);
  expect(existsSync(keyFile(other))).toBe(false);
  const sentence =
    /^There is no key in \S+, and the installation has one: .* `security\.key` .* copy of their `secret\.key`/;
  await expect(work(other)).rejects.toThrow(sentence);
  const storage = await database.open();
  await expect(firstVault(where(other), storage)).rejects.toThrow(sentence);
  await storage.close();
  expect(existsSync(keyFile(other))).toBe(false);
  await copyFile(keyFile(database.place.data), keyFile(other));
  await work(other);
});

it('is not asked for where the installation has gone', async () => {
  const storage = await database.open();
  const mark = { move: 'm', from: '/var/lib/old' };
  await storage.write((tx) => tx.installation.set('moving_in', JSON.stringify(mark)));
  await storage.close();
  await bringUpToDate(here());
  expect(existsSync(keyFile(database.place.data))).toBe(false);
  await expect(work(database.place.data)).rejects.toThrow('on its way into this database');
});

it('is replaced only while nobody serves', async () => {
  await bringUpToDate(here());
  const lock = await lockDataFolder(database.place.data);
  await expect(acceptOwnKey(here(), clock)).rejects.toThrow('Another parlance is serving');
  lock.release();
  const storage = await database.open();
  const node = { id: 'n' as NodeId, name: 'host-1', roles: [], version: '1', home: 'x' };
  await storage.write((tx) =>
    tx.nodes.seen({ ...node, startedAt: 0, seenAt: clock.now() - 59_000 }),
  );
  if (engine === 'postgres') {
    await expect(acceptOwnKey(where(other), clock)).rejects.toThrow(
      /is being served \(host-1\): stop that first/,
    );
    expect(existsSync(keyFile(other))).toBe(false);
    await work(database.place.data);
  }
  await acceptOwnKey(where(engine === 'postgres' ? other : database.place.data), {
    now: () => clock.now() + 60_000,
  });
  await storage.close();
  await work(engine === 'postgres' ? other : database.place.data);
});
