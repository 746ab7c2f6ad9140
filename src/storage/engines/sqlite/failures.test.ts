import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Storage } from '../../../core/ports/storage.ts';
import { Fixtures } from '../../testkit/fixtures.ts';
import { failureOf } from './failures.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

/* What callers see when the engine cannot: one sentence, no internals, and nothing half done. */

let folder: string;
let storage: Storage;
let writer: DatabaseSync;
const rows = new Fixtures();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-failures-'));
  await migrateSqliteStorage(folder);
  // oxlint-disable-next-line typescript/unbound-method -- called with its own `this` below
  const { exec } = DatabaseSync.prototype;
  const used: DatabaseSync[] = [];
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
    this: DatabaseSync,
    sql: string,
  ) {
    if (sql === 'begin immediate') used.push(this);
    exec.call(this, sql);
  });
  storage = await openSqliteStorage(folder);
  // The connection that writes is known from its first transaction on.
  await storage.write((tx) => tx.accounts.insert(rows.account()));
  writer = used.at(-1) as DatabaseSync;
});

afterEach(async () => {
  vi.restoreAllMocks();
  await storage.close();
  await rm(folder, { recursive: true });
});

const pages = () => Number(writer.prepare('pragma page_count').get()?.['page_count']);

const insert = (count: number) => {
  const messages = rows.messages(count, () => ({ text: 'x'.repeat(500) }));
  return storage.write((tx) => tx.messages.insert(messages)).then(() => messages);
};

it('a full disk: storage_unavailable, then all is well when there is room', async () => {
  const before = await insert(10);
  writer.exec(`pragma max_page_count = ${pages() + 20}`);
  const outcomes = await Promise.allSettled([
    insert(1),
    insert(1_000),
    storage.write(async (tx) => (await tx.messages.lock(before.map(({ id }) => id))).length),
  ]);
  // A neighbour that fits is not harmed.
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(outcomes[1]).toMatchObject({
    reason: {
      code: 'storage_unavailable',
      detail: 'The storage has no room left.',
      retryAfterMs: 30_000,
    },
  });
  const { accountId } = before[0] as (typeof before)[number];
  const stored = () => storage.read.messages.search({ accountId, limit: 1_000, offset: 0 });
  expect(await stored()).toHaveLength(11);
  expect(await storage.read.problems()).toEqual([]);

  writer.exec('pragma max_page_count = 1000000');
  await insert(500);
  expect(await stored()).toHaveLength(511);
});

it('what a work writes after the disk was full is not committed by itself', async () => {
  writer.exec(`pragma max_page_count = ${pages() + 5}`);
  const small = rows.account();
  await expect(
    storage.write(async (tx) => {
      await tx.messages.insert(rows.messages(1_000)).catch(() => {});
      await tx.accounts.insert(small);
    }),
  ).rejects.toThrow();
  expect(await storage.read.accounts.find(small.id)).toBeUndefined();
});

it('another process that does not let go of the lock: all that asked are told', async () => {
  writer.exec('pragma busy_timeout = 20');
  const other = new DatabaseSync(join(folder, 'parlance.db'));
  other.exec('begin immediate');
  const outcomes = await Promise.allSettled([insert(1), insert(1)]);
  expect(outcomes).toMatchObject([
    { reason: { code: 'storage_unavailable', detail: 'The storage is busy.' } },
    { reason: { code: 'storage_unavailable' } },
  ]);
  expect(await storage.read.accounts.list({ limit: 10, offset: 0 })).toHaveLength(1);
  other.exec('rollback');
  other.close();
  await insert(1);
});

it('the cause is kept for the log and is not in the sentence', async () => {
  await storage.close();
  const error: unknown = await storage.ping().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'storage_unavailable', cause: expect.any(Error) });
  expect(String(error)).toBe(
    'GatewayError: storage_unavailable: The storage is closed: the server is stopping.',
  );
});

it.each([
  [5, 'busy'],
  [261, 'busy'], // BUSY_RECOVERY
  [517, 'busy'], // BUSY_SNAPSHOT
  [7, 'full'],
  [13, 'full'],
  [10, 'io'],
  [778, 'io'], // IOERR_WRITE
  [14, 'io'],
  [8, 'io'],
  [11, 'corrupt'],
  [26, 'corrupt'],
  [1555, 'unique'],
  [2067, 'unique'],
  [1, undefined],
  [19, undefined],
  [1299, undefined], // CONSTRAINT_NOTNULL
])('result code %i is %s', (errcode, failure) => {
  const error = Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });
  expect(failureOf(error)).toBe(failure);
  expect(failureOf({ code: error.code, errcode })).toBeUndefined();
});
