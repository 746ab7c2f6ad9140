import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { OpenedPlace } from '../../../test/support/installation.ts';
import { copyOf, createFolder, openPlace, rawQuery } from '../../../test/support/installation.ts';
import type { TestDatabase } from '../../../test/support/storage.ts';
import { createTestDatabase } from '../../../test/support/storage.ts';
import type { NodeId } from '../../core/ids.ts';
import { StorageRefused } from '../refused.ts';
import { Fixtures } from '../testkit/fixtures.ts';
import { undoMove } from './admit.ts';
import type { Moved } from './move.ts';
import { moveInstallation } from './move.ts';

const clock = new FakeClock('2026-04-01T00:00:00Z');
const databases: TestDatabase[] = [];
const places: OpenedPlace[] = [];

function opened(database: TestDatabase): OpenedPlace {
  const place = openPlace(database.place);
  places.push(place);
  return place;
}

async function made(create: () => Promise<TestDatabase>): Promise<TestDatabase> {
  const database = await create();
  databases.push(database);
  return database;
}

let from: TestDatabase;
let to: TestDatabase;
beforeEach(async () => {
  from = await made(createFolder);
  to = await made(createTestDatabase);
  await fill(from);
});
afterEach(async () => {
  for (const { engine } of places.splice(0)) await engine.close();
  for (const database of databases.splice(0)) await database.drop();
});

async function fill(database: TestDatabase): Promise<void> {
  const storage = await database.open();
  const rows = new Fixtures();
  await storage.write(async (tx) => {
    await tx.accounts.insert(rows.account());
    await tx.messages.insert([rows.message()]);
  });
  await storage.close();
}

async function move(
  source: TestDatabase,
  target: TestDatabase,
  onProgress: () => void = () => {},
): Promise<Moved> {
  const there = opened(target);
  return moveInstallation({
    source: opened(source),
    target: there,
    setCounter: there.setCounter,
    clock,
    onProgress,
  });
}

const interrupted = (source: TestDatabase, target: TestDatabase) =>
  expect(
    move(source, target, () => {
      throw new Error('kill -9');
    }),
  ).rejects.toThrow('kill -9');

const servable = async (database: TestDatabase): Promise<boolean> => {
  const facts = await rawQuery(database.place, "select 1 from installation where name like 'mov%'");
  return facts.length === 0;
};

async function refuses(source: TestDatabase, target: TestDatabase, sentence: RegExp) {
  const error = await move(source, target).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StorageRefused);
  expect(String(error)).toMatch(sentence);
}

it('a database that holds an installation of its own, which leaves both as they were', async () => {
  await fill(to);
  await refuses(from, to, /is not empty: it holds another installation.*Name an empty database/);
  expect([await servable(from), await servable(to)]).toEqual([true, true]);
});

it('the same database, and a copy of it', async () => {
  const sentence = /holds the same installation as .*Name an empty database/;
  await refuses(from, from, sentence);
  await refuses(from, await made(() => copyOf(from)), sentence);
  expect(await servable(from)).toBe(true);
});

it('a source that has been moved already', async () => {
  await move(from, to);
  const sentence = (where: TestDatabase): RegExp =>
    new RegExp(
      `in \\S+ was moved to ${opened(where).name.replaceAll('?', '.')} on 2026-04-01 00:00:00 UTC: serve it from there\\..*` +
        '`parlance migrate --undo --data \\S+`',
    );
  await refuses(from, to, sentence(to));
  const other = await made(createFolder);
  await refuses(from, other, sentence(to));
  expect(await servable(other)).toBe(true);
});

it('another target than the one of the move that was begun', async () => {
  await interrupted(from, to);
  const other = await made(createFolder);
  await refuses(from, other, /A move to .* was begun and is not finished: .* --undo`/);
  expect(await servable(other)).toBe(true);
});

it('another source than the one of the move that was begun', async () => {
  const other = await made(createFolder);
  await fill(other);
  const there = opened(to);
  await expect(
    moveInstallation({
      source: opened(from),
      target: there,
      setCounter: there.setCounter,
      clock,
      onProgress: ({ step }) => {
        if (step === 'copy') throw new Error('kill -9');
      },
    }),
  ).rejects.toThrow('kill -9');
  await refuses(other, to, /is not empty: .* what is left of a move that was given up/);
  expect(await servable(other)).toBe(true);
});

it('the rest of a move that was given up: it might be older than the source', async () => {
  await move(from, to);
  const storage = await from.open();
  await undoMove(storage);
  await storage.close();
  expect(await servable(from)).toBe(true);
  await refuses(from, to, /holds the same installation as .* or where it was moved before/);
  const another = await made(createFolder);
  await move(from, another);
  expect(await servable(another)).toBe(true);
});

it('a target that is being served', async () => {
  const storage = await to.open();
  const node = { id: 'n' as NodeId, name: 'host-1', roles: [], version: '1', home: 'x' };
  const seen = (seenAt: number) =>
    storage.write((tx) => tx.nodes.seen({ ...node, startedAt: 0, seenAt }));
  await seen(clock.now() - 59_000);
  await refuses(from, to, /is being served \(host-1\): stop that first/);
  await seen(clock.now() - 61_000);
  await move(from, to);
  await storage.close();
});
