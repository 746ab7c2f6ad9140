import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { AccountId } from '../../../core/ids.ts';
import { databaseFile, openSqliteEngine } from './engine.ts';
import { openSqliteStorage } from './open.ts';
import { migrate } from '../../migrate.ts';
import { migrations } from '../../migrations/index.ts';

/** @param version the schema of the database in the folder, which is removed when `use` has ended. */
async function withSchema(
  version: number,
  use: (folder: string, db: DatabaseSync) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), `parlance-schema-${version}-`));
  try {
    const engine = openSqliteEngine(folder);
    await migrate(engine, 1, migrations.slice(0, version));
    await engine.close();
    using db = new DatabaseSync(databaseFile(folder));
    await use(folder, db);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the names of the steps that were run. */
async function migrateToNewest(folder: string): Promise<string[]> {
  const engine = openSqliteEngine(folder);
  const steps = await migrate(engine, 2);
  await engine.close();
  return steps;
}

it('numbers: what waited for a code goes on waiting for it', () =>
  withSchema(10, async (folder, db) => {
    db.exec(`insert into senders (id, account_id, address, address_key, kind, status, label, proof, created_at)
      values ('s1', 'a', 'CompanyABC', 'companyabc', 'alphanumeric', 'active', 'x', null, 5),
        ('s2', 'a', '61412345678', '61412345678', 'own', 'pending', 'desk', 'digest', 7)`);
    await migrateToNewest(folder);

    const storage = await openSqliteStorage(folder);
    expect(await storage.read.senders.ofAccount('a' as AccountId)).toMatchObject([
      { id: 's1', address: 'CompanyABC', label: 'x', changedAt: 5, expiresAt: null },
    ]);
    expect(await storage.read.senderRequests.findByProof('digest')).toEqual({
      id: 's2',
      accountId: 'a',
      address: '61412345678',
      kind: 'own',
      status: 'pending',
      label: 'desk',
      countries: null,
      reason: null,
      lifeMs: null,
      proof: 'digest',
      proofUntil: 7 + 86_400_000,
      triesLeft: null,
      createdAt: 7,
      changedAt: 7,
    });
    await storage.close();
  }));

it('ledger-key: every entry keeps its number, and the next one has the next', () =>
  withSchema(26, async (folder, db) => {
    db.exec(`insert into ledger
        (seq, id, account_id, at, amount, kind, submission_id, message_id, note, product_id, order_ref)
      values (3, 'e1', 'a', 5, 1000, 'topup', null, null, 'a gift', null, 'order-1'),
        (7, 'e2', 'a', 6, -10, 'debit', 's1', 'm1', null, 'p1', null)`);
    const entries = () => db.prepare('select * from ledger order by seq').all();
    const stored = entries();

    expect(await migrateToNewest(folder)).toContain('ledger-key');

    expect(entries()).toEqual(stored);
    const add = db.prepare(`insert into ledger (id, account_id, at, amount, kind, order_ref)
      values (?, 'a', 7, 1, 'topup', ?)`);
    expect(add.run('e3', 'order-2').lastInsertRowid).toBe(8);
    expect(() => add.run('e4', 'order-1')).toThrow(/UNIQUE/);
    expect(
      db.prepare("select count(*) as n from sqlite_sequence where name like 'ledger%'").get(),
    ).toEqual({ n: 0 });
    expect(db.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
  }));
