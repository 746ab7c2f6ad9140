import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { migrate } from '../../migrate.ts';
import { migrations } from '../../migrations/index.ts';
import type { Migration } from '../../migrations/migration.ts';
import { StorageRefused } from '../../refused.ts';
import type { CampaignId } from '../../../core/ids.ts';
import { campaignOf } from '../../testkit/campaign-fixtures.ts';
import { cutsAt, DAY, Fixtures, START } from '../../testkit/fixtures.ts';
import { openSqliteEngine } from './engine.ts';
import { migrateSqliteStorage, openSqliteStorage } from './open.ts';

let folder: string;
const file = () => join(folder, 'parlance.db');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parlance-open-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('what was deleted', () => {
  it('is not in the file any more: neither rows nor the pages that long ones took', async () => {
    await migrateSqliteStorage(folder);
    const storage = await openSqliteStorage(folder);
    const createdAt = START - 2 * DAY;
    const campaign = campaignOf(new Fixtures().id<CampaignId>(createdAt), {
      createdAt,
      state: 'done',
      doneAt: START - DAY,
      text: 'forgotten',
    });
    const pages = Array.from({ length: 20 }, (_, at) => ({
      campaignId: campaign.id,
      first: at,
      rows: [[at, '0412345678', 'forgotten '.repeat(2_000)] as const],
    }));
    const found = () => readFileSync(file()).includes('forgotten');
    await storage.write(async (tx) => {
      await tx.campaigns.insert(campaign);
      await tx.campaigns.insertPages(pages);
    });
    await storage.close();
    expect(found()).toBe(true);
    const again = await openSqliteStorage(folder);
    const cuts = { ...cutsAt(0), campaigns: START };
    while ((await again.write((tx) => tx.retain(cuts, 100))) > 0);
    await again.close();
    expect(found()).toBe(false);
  });
});

describe('opening', () => {
  it('needs a database, and makes none by itself', async () => {
    for (const readOnly of [true, false]) {
      await expect(openSqliteStorage(folder, { readOnly })).rejects.toThrow(StorageRefused);
      await expect(openSqliteStorage(folder, { readOnly })).rejects.toThrow(/There is no database/);
    }
    expect(existsSync(file())).toBe(false);
  });

  it('needs the current schema', async () => {
    await writeFile(file(), '');
    await expect(openSqliteStorage(folder)).rejects.toThrow(/schema 0 .* run `parlance migrate`/);
  });

  it('refuses a newer schema, as does the migration', async () => {
    await migrateSqliteStorage(folder);
    const db = new DatabaseSync(file());
    db.exec("insert into schema_versions values (99, 'future', 0)");
    db.close();
    const newest = migrations.at(-1)?.number;
    const sentence = `schema 99, which is newer than this program knows (${newest}): install`;
    await expect(openSqliteStorage(folder)).rejects.toThrow(sentence);
    await expect(migrateSqliteStorage(folder)).rejects.toThrow(StorageRefused);
    await expect(migrateSqliteStorage(folder)).rejects.toThrow(sentence);
  });

  it('for reading only refuses to write', async () => {
    const rows = new Fixtures();
    const account = rows.account();
    await migrateSqliteStorage(folder);
    const writing = await openSqliteStorage(folder);
    const reading = await openSqliteStorage(folder, { readOnly: true });
    await writing.write((tx) => tx.accounts.insert(account));
    expect(await reading.read.accounts.find(account.id)).toEqual(account);
    await expect(reading.write((tx) => tx.accounts.insert(rows.account()))).rejects.toThrow(
      'opened for reading only',
    );
    await reading.close();
    await writing.close();
  });

  it('keeps the file from other users, and syncs every commit', async () => {
    folder = join(folder, 'made');
    await migrateSqliteStorage(folder);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const storage = await openSqliteStorage(folder);
    await storage.write((tx) => tx.accounts.insert(new Fixtures().account()));
    for (const part of ['', '-wal', '-shm']) {
      expect(statSync(`${file()}${part}`).mode & 0o777).toBe(0o600);
    }
    await storage.close();
    // The checkpoint at the end leaves one file.
    expect(existsSync(`${file()}-wal`)).toBe(false);
    const engine = openSqliteEngine(folder);
    await engine.transaction(async ({ kysely }) => {
      const { rows } = await kysely.executeQuery<Record<string, unknown>>(
        (await import('kysely')).CompiledQuery.raw('pragma synchronous'),
      );
      expect(rows).toEqual([{ synchronous: 2 }]);
    });
    await engine.close();
    folder = join(folder, '..');
  });

  it('says so when the file is no database', async () => {
    await writeFile(file(), 'no database'.repeat(1000));
    const engine = () => openSqliteEngine(folder);
    expect(engine).toThrow(/not a database/);
  });
});

describe('migrations', () => {
  const step = (number: number, up: Migration['up']): Migration => ({
    number,
    name: `step ${number}`,
    up,
  });

  it('run in order, each once', async () => {
    const ran: number[] = [];
    const steps = [1, 2, 3].map((number) =>
      step(number, async () => {
        ran.push(number);
      }),
    );
    const engine = openSqliteEngine(folder);
    expect(await migrate(engine, 0, steps.slice(0, 2))).toEqual(['step 1', 'step 2']);
    expect(await migrate(engine, 0, steps)).toEqual(['step 3']);
    expect(await migrate(engine, 0, steps)).toEqual([]);
    expect(ran).toEqual([1, 2, 3]);
    await engine.close();
  });

  it('leave nothing behind when one fails', async () => {
    const engine = openSqliteEngine(folder);
    const steps = [
      step(1, async (db) => {
        await db.schema.createTable('one').addColumn('x', 'text').execute();
      }),
      step(2, () => Promise.reject(new Error('no'))),
    ];
    await expect(migrate(engine, 0, steps)).rejects.toThrow('no');
    expect(await engine.reader.kysely.introspection.getTables()).toEqual([]);
    await engine.close();
  });
});
